namespace SnapBackup.Engine.Preservation;

/// <summary>What writers wait for, made durable together.</summary>
internal sealed class PreservationBatch(long number)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Batches are worked off in this order, so waiting for one is waiting for all before it.</summary>
    public long Number => number;

    /// <summary>The claims, each once.</summary>
    public List<Claim> Claims { get; } = [];

    /// <summary>Completes when the source may be written: what was claimed is durable, or is marked as given up. Never fails.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.SetResult();
}
