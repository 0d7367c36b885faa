namespace SnapBackup.Engine.Log.Allocation;

/// <summary>Takes the logs in turn.</summary>
internal sealed class StripedAllocator : ILogAllocator
{
    private int _last = -1;

    public LogVolume Choose(IReadOnlyList<LogVolume> candidates)
    {
        var next = candidates.FirstOrDefault(log => log.Number > _last) ?? candidates[0];
        _last = next.Number;
        return next;
    }
}
