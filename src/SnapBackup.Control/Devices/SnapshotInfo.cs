using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>A snapshot, or the bookmark that remains of one, as it was when it was asked for.</summary>
public sealed record SnapshotInfo
{
    /// <summary>The name of its device.</summary>
    public required string Device { get; init; }

    /// <summary>Its own name.</summary>
    public required string Name { get; init; }

    /// <summary>When it started, in UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>What is kept of it.</summary>
    public required PointState State { get; init; }

    /// <summary>Its size in bytes, which is that of the source.</summary>
    public required long Size { get; init; }

    /// <summary>How many bytes of it are in the logs, because the source has moved on; each block counts once.</summary>
    public required long PreservedBytes { get; init; }

    /// <summary>The NBD URI that serves it read-only; null for a bookmark, which has no content.</summary>
    public string? Uri { get; init; }

    /// <summary>Where it is mounted on this machine; mostly nowhere.</summary>
    public IReadOnlyList<string> MountPoints { get; init; } = [];

    /// <summary>How many openers it has, connected NBD clients among them.</summary>
    public required int OpenCount { get; init; }

    /// <summary>
    /// The start on several devices at one instant that it comes from: its snapshots on the other devices have the same. Null when it was
    /// started alone.
    /// </summary>
    public Guid? Group { get; init; }

    /// <summary>Why it is broken, cannot be read yet, or its changes are lost; null while all is well.</summary>
    public string? BreakReason { get; init; }

    internal static SnapshotInfo Of(SnapDevice device, Snapshot snapshot, string uri, IReadOnlyList<string> mountPoints) => new()
    {
        Device = device.Name,
        Name = snapshot.Name,
        Started = snapshot.StartedAt,
        State = StateOf(snapshot),
        Size = device.Size,
        PreservedBytes = snapshot.PreservedBlocks * device.BlockSize,
        Uri = uri,
        MountPoints = mountPoints,
        OpenCount = snapshot.OpenCount,
        Group = snapshot.Group == Guid.Empty ? null : snapshot.Group,
        BreakReason = snapshot.BreakCause?.Message ?? WhyUnconfirmed(snapshot),
    };

    internal static SnapshotInfo Of(SnapDevice device, Bookmark bookmark) => new()
    {
        Device = device.Name,
        Name = bookmark.Name,
        Started = bookmark.StartedAt,
        State = bookmark.ChangesLost ? PointState.ChangesLost : PointState.Bookmark,
        Size = device.Size,
        PreservedBytes = 0,
        OpenCount = 0,
        BreakReason = bookmark.ChangesLost ? DeviceWarnings.WhyLost(device, bookmark) : null,
    };

    private static PointState StateOf(Snapshot snapshot) => snapshot switch
    {
        { BreakCause: not null } => PointState.Broken,
        { IsUnconfirmed: true } => PointState.Unconfirmed,
        _ => PointState.Active,
    };

    private static string? WhyUnconfirmed(Snapshot snapshot) => snapshot.IsUnconfirmed
        ? $"{snapshot.FullName}: a crash came while it was started on several devices, and it is not known yet whether all have it. Attach the others, or end it."
        : null;
}
