using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>What a rollback of a device's source to a snapshot has done.</summary>
public sealed record SnapRollbackReport
{
    /// <summary>The name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>The name of the snapshot that the source was rolled back to.</summary>
    public required string Snapshot { get; init; }

    /// <summary>How many bytes of the source were written back.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>
    /// What the snapshot does not have, because the source could not be read when it was to be preserved: it holds what it held before.
    /// Empty unless the rollback was forced.
    /// </summary>
    public required IReadOnlyList<ChangedRange> NotRestored { get; init; }

    internal static SnapRollbackReport Of(string device, string snapshot, RollbackReport report) => new()
    {
        Device = device,
        Snapshot = snapshot,
        BytesWritten = report.BytesWritten,
        NotRestored = report.NotRestored,
    };
}
