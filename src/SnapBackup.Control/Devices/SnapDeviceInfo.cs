using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>A snap device, as it was when it was asked for.</summary>
public sealed record SnapDeviceInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the disk or image that it protects.</summary>
    public required string Source { get; init; }

    /// <summary>The paths of its logs, in the order in which they fill.</summary>
    public required IReadOnlyList<string> Logs { get; init; }

    /// <summary>The size of source, origin and snapshots in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The unit of preservation in bytes.</summary>
    public required int BlockSize { get; init; }

    /// <summary>The NBD URI of the origin, which users of the disk attach to.</summary>
    public required string Uri { get; init; }

    /// <summary>The path of the block device that the origin is on this machine; null while it is not attached.</summary>
    public string? BlockDevice { get; init; }

    /// <summary>The unit of the change map in bytes.</summary>
    public required int ChangeGranularity { get; init; }

    /// <summary>Whether its snapshots survive a power cut and the end of the process.</summary>
    public required LogDurability Durability { get; init; }

    /// <summary>The names of the snapshots being kept, broken ones that were not ended among them, in the order in which they started.</summary>
    public required IReadOnlyList<string> Snapshots { get; init; }

    /// <summary>The names of those of its snapshots that are broken: they have no content, and keep their names until they are ended.</summary>
    public required IReadOnlyList<string> BrokenSnapshots { get; init; }

    /// <summary>The names of its bookmarks.</summary>
    public required IReadOnlyList<string> Bookmarks { get; init; }

    /// <summary>How many openers the origin has, connected NBD clients among them.</summary>
    public required int OpenCount { get; init; }

    /// <summary>
    /// The snapshot that a rollback goes to which was begun and is not finished; null when there is none. The origin is closed until it is
    /// finished or abandoned.
    /// </summary>
    public string? IncompleteRollback { get; init; }

    /// <summary>How far it has come on the way to full logs.</summary>
    public required LogFillStage LogFillStage { get; init; }

    /// <summary>When the logs will be full if writes go on as in the last minute, growing included; null when that is not in sight.</summary>
    public DateTimeOffset? LogFullAt { get; init; }

    /// <summary>What its user should know and do something about, each a sentence or two; mostly nothing.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>What it has done so far.</summary>
    public required SnapDeviceStatistics Statistics { get; init; }

    internal static SnapDeviceInfo Of(SnapDevice device, string uri, string? blockDevice, DateTimeOffset now)
    {
        var statistics = device.GetStatistics();
        return new SnapDeviceInfo
        {
            Name = device.Name,
            Source = device.SourceName,
            Logs = device.LogNames,
            Size = device.Size,
            BlockSize = device.BlockSize,
            Uri = uri,
            BlockDevice = blockDevice,
            ChangeGranularity = device.ChangeGranularity,
            Durability = device.Durability,
            Snapshots = [.. device.Snapshots.Select(snapshot => snapshot.Name)],
            BrokenSnapshots = [.. device.Snapshots.Where(snapshot => snapshot.BreakCause is not null).Select(snapshot => snapshot.Name)],
            Bookmarks = [.. device.Bookmarks.Select(bookmark => bookmark.Name)],
            OpenCount = device.OriginOpenCount,
            IncompleteRollback = device.IncompleteRollback,
            LogFillStage = statistics.LogFillStage,
            LogFullAt = now + statistics.TimeUntilLogFull,
            Warnings = [.. DeviceWarnings.Of(device, statistics)],
            Statistics = statistics,
        };
    }
}
