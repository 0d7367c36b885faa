using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>A writable overlay that is open.</summary>
/// <param name="Snapshot">The snapshot that it is over.</param>
/// <param name="Content">What was read from it.</param>
/// <param name="Expected">What it must hold.</param>
internal sealed record FoundOverlay(string Snapshot, DiskImage Content, DiskImage Expected);
