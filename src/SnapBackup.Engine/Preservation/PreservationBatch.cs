namespace SnapBackup.Engine.Preservation;

/// <summary>What writers wait for, made durable together.</summary>
/// <param name="number">Its number.</param>
/// <param name="since">When the first writer began to wait for it, by the clock of the overflow options.</param>
internal sealed class PreservationBatch(long number, long since)
{
    private readonly List<WriterWait> _writers = [];

    /// <summary>Batches are worked off in this order, so waiting for one is waiting for all before it.</summary>
    public long Number => number;

    public long Since => since;

    /// <summary>The claims, each once.</summary>
    public List<Claim> Claims { get; } = [];

    /// <summary>Has a writer wait until the source may be written. Nobody comes any more when nothing is claimed by the batch.</summary>
    public void Add(WriterWait writer) => _writers.Add(writer);

    /// <summary>
    /// Lets the writers go on, one after the other on this thread: what was claimed is durable, or is marked as given up.
    /// </summary>
    public void Complete()
    {
        foreach (var writer in _writers)
            writer.Complete();
    }

    /// <summary>Refuses the writers, who were held for want of room: the device is let go.</summary>
    public void Refuse(EngineException refusal)
    {
        foreach (var writer in _writers)
            writer.Refuse(refusal);
    }
}
