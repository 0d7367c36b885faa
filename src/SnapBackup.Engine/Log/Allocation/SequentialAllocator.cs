namespace SnapBackup.Engine.Log.Allocation;

/// <summary>Fills the logs in their order.</summary>
internal sealed class SequentialAllocator : ILogAllocator
{
    public LogVolume Choose(IReadOnlyList<LogVolume> candidates) => candidates[0];
}
