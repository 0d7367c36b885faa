using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>A snapshot that a device shows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">What was read from it; null when it is broken.</param>
/// <param name="BreakCause">Why it is broken, as the engine says.</param>
internal sealed record FoundSnapshot(string Name, DiskImage? Content, string? BreakCause = null);
