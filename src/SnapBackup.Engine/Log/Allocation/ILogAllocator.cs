namespace SnapBackup.Engine.Log.Allocation;

/// <summary>
/// Chooses the log that gives the next segment. One segment is filled at a time: groups are made durable one after the other, so
/// spreading them more finely over several logs would gain no time.
/// </summary>
internal interface ILogAllocator
{
    /// <summary>Chooses among the logs that have a free segment, in the order of their numbers; there is at least one.</summary>
    LogVolume Choose(IReadOnlyList<LogVolume> candidates);
}
