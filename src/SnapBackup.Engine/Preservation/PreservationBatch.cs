namespace SnapBackup.Engine.Preservation;

/// <summary>Blocks that writers wait for, made durable together.</summary>
internal sealed class PreservationBatch(long number, Epoch epoch)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Batches are worked off in this order, so waiting for one is waiting for all before it.</summary>
    public long Number => number;

    /// <summary>The epoch they are preserved in: the loop that works the batch off may have been started in an earlier one.</summary>
    public Epoch Epoch => epoch;

    /// <summary>The blocks, each once.</summary>
    public List<long> Blocks { get; } = [];

    /// <summary>Completes when the source may be written: the blocks are durable, or the snapshot is broken. Never fails.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.SetResult();
}
