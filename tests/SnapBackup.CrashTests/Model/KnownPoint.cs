using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>A snapshot or bookmark of which nothing is in doubt.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Form">Which of the two it is.</param>
/// <param name="Content">What the source held then.</param>
/// <param name="IsBroken">Whether its content, or the changes since it, are lost.</param>
/// <param name="Touched">As in <see cref="ExpectedPoint.Touched"/>.</param>
internal sealed record KnownPoint(string Name, PointForms Form, DiskImage Content, bool IsBroken, IReadOnlySet<int> Touched);
