using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>A snapshot, as it was when it was asked for.</summary>
public sealed record SnapshotInfo
{
    /// <summary>The name of its device.</summary>
    public required string Device { get; init; }

    /// <summary>Its own name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is kept, was ended or is broken.</summary>
    public required SnapshotState State { get; init; }

    /// <summary>Its size in bytes, which is that of the source.</summary>
    public required long Size { get; init; }

    /// <summary>How many bytes of it are in the logs, because the source has moved on.</summary>
    public required long PreservedBytes { get; init; }

    /// <summary>The NBD URI that serves it read-only.</summary>
    public required string Uri { get; init; }

    /// <summary>How many openers it has, connected NBD clients among them.</summary>
    public required int OpenCount { get; init; }

    /// <summary>Why it is broken; null while it is not.</summary>
    public string? BreakReason { get; init; }

    internal static SnapshotInfo Of(SnapDevice device, Snapshot snapshot, string uri) => new()
    {
        Device = device.Name,
        Name = snapshot.Name,
        State = snapshot.State,
        Size = device.Size,
        PreservedBytes = snapshot.PreservedBlocks * device.BlockSize,
        Uri = uri,
        OpenCount = snapshot.OpenCount,
        BreakReason = snapshot.BreakCause?.Message,
    };
}
