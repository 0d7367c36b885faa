using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Overflow;

namespace SnapBackup.Engine.Preservation;

/// <summary>
/// Has recorded what must be before the source is written. Writers name the blocks they are about to change and wait;
/// what several writers name while a group is on its way to the log becomes the next group, so that one flush
/// serves them all.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A block is preserved once in an epoch: it is claimed under <c>_lock</c> by the first writer to name it, and
/// later ones wait for the same batch.</item>
/// <item>A writer is let go only when everything it named is durable in the log and visible in memory, or what needs it is marked
/// broken. So a reader that finds a block neither in the index nor the snapshot broken, after it
/// has read the source, has read the old content.</item>
/// <item>Nothing that happens to a log fails a writer: what is given up is marked first, then writers go on. Those that are held for want of
/// room when the device is let go are refused, like those that come later.</item>
/// </list>
/// <para>
/// Batches are worked off one at a time, on the thread pool or on the thread of who named the blocks and has nothing else to do. Then their
/// writers go on on that same thread, since a change of threads costs more than a write; the next batch is worked off
/// meanwhile, so that nobody has to wait for what they do. The caller guarantees that no new epoch begins while writers wait (the device's gate is
/// closed around a change).
/// </para>
/// </remarks>
internal sealed class CopyBeforeWrite(History history, LogSet logs, Recorder recorder, OverflowLadder ladder, Counters counters)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Claim, PreservationBatch> _claims = [];
    private readonly Queue<PreservationBatch> _queue = new();
    private readonly Stack<WriterWait> _idle = new();
    private PreservationBatch? _open;
    private long _batches;
    private bool _running;

    /// <summary>Whether the last batch had to wait for its log: then who named the blocks goes on, and what he names meanwhile shares the next flush.</summary>
    private volatile bool _isSlow;

    /// <summary>How many blocks a caller names at once at the most.</summary>
    public int LargestRequest => recorder.LargestGroup;

    /// <summary>Completes when the blocks may be overwritten on the source.</summary>
    /// <param name="view">What is kept.</param>
    /// <param name="firstBlock">The first block.</param>
    /// <param name="lastBlock">The last one.</param>
    /// <param name="isBatched">Whether the caller will call <see cref="WorkOff"/>.</param>
    public ValueTask PreserveAsync(WriterView view, long firstBlock, long lastBlock, bool isBatched)
    {
        if (view.MayWrite(firstBlock, lastBlock))
        {
            if (view.Preserves)
                Interlocked.Increment(ref counters.WritesWithoutCopy);
            return ValueTask.CompletedTask;
        }

        return Name(firstBlock, lastBlock, isBatched)?.Task ?? ValueTask.CompletedTask;
    }

    /// <summary>Works off, on this thread as far as that goes without waiting, what was named and is not being worked off yet.</summary>
    public void WorkOff()
    {
        lock (_lock)
        {
            if (_running || _queue.Count == 0)
                return;
            if (_isSlow)
            {
                WorkOffElsewhere();
                return;
            }

            _running = true;
        }

        _ = WorkOffAsync();
    }

    /// <summary>Claims what nobody has claimed, and waits for the last batch that has something of it.</summary>
    private WriterWait? Name(long firstBlock, long lastBlock, bool isBatched)
    {
        lock (_lock)
        {
            if (history.Writers is not { } view)
                return null;
            PreservationBatch? last = null;
            for (var block = firstBlock; block <= lastBlock; block++)
            {
                if (view.NeedsVersion(block))
                    last = Later(last, ClaimOnce(Claim.Version(block)));
                else if (view.NeedsChange(view.RegionOf(block)))
                    last = Later(last, ClaimOnce(Claim.Change(view.RegionOf(block))));
            }

            if (last is null)
                return null;
            if (!_running && !isBatched)
                WorkOffElsewhere();
            var wait = _idle.TryPop(out var idle) ? idle : new WriterWait(TakeBack);
            last.Add(wait);
            return wait;
        }
    }

    private static PreservationBatch Later(PreservationBatch? one, PreservationBatch other) =>
        one is null || other.Number > one.Number ? other : one;

    private PreservationBatch ClaimOnce(Claim claim)
    {
        if (_claims.TryGetValue(claim, out var batch))
            return batch;
        if (_open is null || _open.Claims.Count >= recorder.LargestGroup)
        {
            _open = new PreservationBatch(++_batches, ladder.Now);
            _queue.Enqueue(_open);
        }

        _open.Claims.Add(claim);
        _claims.Add(claim, _open);
        return _open;
    }

    private void TakeBack(WriterWait wait)
    {
        lock (_lock)
            _idle.Push(wait);
    }

    private void WorkOffElsewhere()
    {
        _running = true;
        ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.WorkOffAsync(), this, preferLocal: false);
    }

    private async Task WorkOffAsync()
    {
        var batch = TakeBatch();
        var recording = RecordAsync(batch);
        _isSlow = !recording.IsCompleted;
        var refusal = await recording.ConfigureAwait(false);
        HandOver(batch);
        if (refusal is null)
            batch.Complete();
        else
            batch.Refuse(refusal);
    }

    /// <summary>Completes when the writers can be let go.</summary>
    /// <returns>Why they must be refused, because the device is let go; else null.</returns>
    private async Task<EngineException?> RecordAsync(PreservationBatch batch)
    {
        if (history.Writers is { Preserves: true })
            await ladder.SlowAsync(batch.Since).ConfigureAwait(false);
        for (var isHeld = false; !await TryRecordAsync(batch).ConfigureAwait(false); isHeld = true)
        {
            if (!isHeld)
                Interlocked.Increment(ref counters.GroupsHeld);
            if (await ladder.WaitForRoomAsync(batch.Since).ConfigureAwait(false) is { } refusal)
                return refusal;
        }

        return null;
    }

    /// <summary>Records, unless there is no room and the writers are to wait for some.</summary>
    private async Task<bool> TryRecordAsync(PreservationBatch batch)
    {
        await logs.Appending.WaitAsync().ConfigureAwait(false);
        try
        {
            return await recorder.TryRecordAsync(batch.Claims, batch.Since).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Source first: whatever it was, the writers go on and nothing that is kept is to be believed.
            await ladder.GiveUpAllAsync(failure.Message, failure).ConfigureAwait(false);
            return true;
        }
        finally
        {
            logs.Appending.Release();
        }
    }

    private PreservationBatch TakeBatch()
    {
        lock (_lock)
        {
            var batch = _queue.Dequeue();
            if (ReferenceEquals(batch, _open))
                _open = null;
            return batch;
        }
    }

    /// <summary>What a batch claimed can be claimed again, and another thread takes the next batch.</summary>
    private void HandOver(PreservationBatch batch)
    {
        lock (_lock)
        {
            foreach (var claim in batch.Claims)
                _claims.Remove(claim);
            _running = false;
            if (_queue.Count > 0)
                WorkOffElsewhere();
        }
    }
}
