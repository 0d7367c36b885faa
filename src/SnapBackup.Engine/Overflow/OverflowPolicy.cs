namespace SnapBackup.Engine;

/// <summary>What is done when no log has room and none can be had.</summary>
public enum OverflowPolicy
{
    /// <summary>The oldest snapshot is ended, and then the next: no write waits.</summary>
    EndOldest,

    /// <summary>
    /// Writes wait for room, for <see cref="OverflowOptions.HoldFor"/> at the most: a log that is added, a snapshot that is ended, a file that can
    /// grow again. Then the oldest snapshot is ended.
    /// </summary>
    Hold,
}
