namespace SnapBackup.Engine.Preservation;

/// <summary>What writers wait for, made durable together.</summary>
/// <param name="number">Its number.</param>
/// <param name="since">When the first writer began to wait for it, by the clock of the overflow options.</param>
internal sealed class PreservationBatch(long number, long since)
{
    private readonly TaskCompletionSource _done = new();

    /// <summary>Batches are worked off in this order, so waiting for one is waiting for all before it.</summary>
    public long Number => number;

    public long Since => since;

    /// <summary>The claims, each once.</summary>
    public List<Claim> Claims { get; } = [];

    /// <summary>
    /// Completes when the source may be written: what was claimed is durable, or is marked as given up. Fails only if the device is let go while
    /// writers are held for want of room. Writers go on, one after the other, on the thread that completes it.
    /// </summary>
    public Task Done => _done.Task;

    public void Complete() => _done.SetResult();

    public void Refuse(EngineException refusal) => _done.SetException(refusal);
}
