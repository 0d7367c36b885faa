using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>An operation on the device, as its user saw it: it began, and if it ended, its effect is durable.</summary>
internal sealed class ControlOperation : TracedOperation
{
    public required ControlKind Kind { get; init; }

    /// <summary>The snapshot, bookmark or log it is about; empty for a tear-down.</summary>
    public string Name { get; init; } = "";

    /// <summary>What a snapshot that was started was seen to hold right after; null when nobody has seen it.</summary>
    public DiskImage? Observed { get; set; }

    public override string ToString() => $"{Kind} {Name}".TrimEnd();
}
