namespace SnapBackup.Engine.Log.Allocation;

/// <summary>Takes the log with the most free bytes; of equal ones the first.</summary>
internal sealed class MostFreeAllocator : ILogAllocator
{
    public LogVolume Choose(IReadOnlyList<LogVolume> candidates) => candidates.MaxBy(log => log.Capacity - log.Used)!;
}
