namespace SnapBackup.Engine;

/// <summary>What a snap device has done since it was set up. Counts of requests count completed ones unless they say otherwise.</summary>
public sealed record SnapDeviceStatistics
{
    /// <summary>Requests begun on the origin, of any kind.</summary>
    public required long RequestsBegun { get; init; }

    /// <summary>Requests ended on the origin, in success or failure; the difference to <see cref="RequestsBegun"/> is in flight.</summary>
    public required long RequestsEnded { get; init; }

    /// <summary>Bytes read through the origin.</summary>
    public required long OriginBytesRead { get; init; }

    /// <summary>Bytes written through the origin.</summary>
    public required long OriginBytesWritten { get; init; }

    /// <summary>Bytes zeroed or trimmed through the origin.</summary>
    public required long OriginBytesZeroed { get; init; }

    /// <summary>Flushes, and writes with FUA, through the origin.</summary>
    public required long OriginFlushes { get; init; }

    /// <summary>Blocks preserved before their first overwrite, zero blocks among them.</summary>
    public required long BlocksPreserved { get; init; }

    /// <summary>Preserved blocks that were all zeros and took no data space.</summary>
    public required long ZeroBlocksPreserved { get; init; }

    /// <summary>Writes under a snapshot that found all their blocks preserved already.</summary>
    public required long WritesWithoutCopy { get; init; }

    /// <summary>Commit groups made durable.</summary>
    public required long CommitGroups { get; init; }

    /// <summary>Bytes written to the logs, headers included.</summary>
    public required long LogBytesWritten { get; init; }

    /// <summary>Those of them that were written to move preserved blocks together, so that log space came back.</summary>
    public required long BytesCompacted { get; init; }

    /// <summary>Bytes read through snapshots that came from a log.</summary>
    public required long SnapshotBytesFromLog { get; init; }

    /// <summary>Bytes read through snapshots that came from the source.</summary>
    public required long SnapshotBytesFromSource { get; init; }

    /// <summary>Commit groups whose writers were slowed because the logs were filling.</summary>
    public required long GroupsSlowed { get; init; }

    /// <summary>Commit groups whose writers were held because there was no room left.</summary>
    public required long GroupsHeld { get; init; }

    /// <summary>Bytes of all logs that hold or can hold preserved blocks.</summary>
    public required long LogCapacity { get; init; }

    /// <summary>Bytes of all logs that a snapshot occupies.</summary>
    public required long LogUsed { get; init; }

    /// <summary>Bytes that can still be taken as the logs are now; what is kept back for the change map, and failed logs, left out.</summary>
    public required long LogFree { get; init; }

    /// <summary>When the logs will be full if writes go on as in the last minute, growing included; null when that is not in sight.</summary>
    public required TimeSpan? TimeUntilLogFull { get; init; }

    /// <summary>How far it has come on the way there.</summary>
    public required LogFillStage LogFillStage { get; init; }
}
