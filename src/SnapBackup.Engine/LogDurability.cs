namespace SnapBackup.Engine;

/// <summary>What is promised of a log.</summary>
public enum LogDurability
{
    /// <summary>A block is durable in the log before it changes on the source: snapshots and the change map survive a power cut.</summary>
    Strict,

    /// <summary>
    /// The log is written and not flushed. That is faster on slow disks, and gives up that snapshots and the change map survive: whenever the
    /// device is opened again, after a crash or not, its snapshots are broken and the next archive is a full.
    /// </summary>
    Volatile,
}
