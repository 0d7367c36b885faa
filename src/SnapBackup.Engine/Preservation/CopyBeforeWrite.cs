using SnapBackup.Blocks;
using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Preservation;

/// <summary>
/// Preserves old blocks before the source is written. Writers name the blocks they are about to change and wait;
/// what several writers name while a group is on its way to the log becomes the next group, so that one flush
/// serves them all.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A block is preserved once in an epoch: it is claimed under <c>_lock</c> by the first writer to name it, and
/// later ones wait for the same batch.</item>
/// <item>A writer is let go only when every block it named is durable in the log and visible in the index, or the
/// snapshot is marked broken. So a reader that finds a block neither in the index nor the snapshot broken, after it
/// has read the source, has read the old content.</item>
/// <item>Nothing that happens to a log fails a writer: the snapshot is marked broken first, then writers go on.</item>
/// </list>
/// <para>
/// Batches are worked off by one loop on the thread pool, which exists only while there is work. The caller guarantees
/// that the epoch passed in does not change while writers wait (the device's gate is closed around a change).
/// </para>
/// </remarks>
internal sealed class CopyBeforeWrite(IBlockDevice source, LogSet logs, int blockSize, Counters counters)
{
    private const int LargestGroupBytes = 1 << 20;

    private readonly CommitGroup _group =
        new(blockSize, Math.Min(logs.LargestGroup, Math.Max(1, LargestGroupBytes / blockSize)));

    private readonly Lock _lock = new();
    private readonly Dictionary<long, PreservationBatch> _claims = [];
    private readonly Queue<PreservationBatch> _queue = new();
    private PreservationBatch? _open;
    private long _batches;
    private bool _running;

    /// <summary>How many blocks a caller names at once at the most.</summary>
    public int LargestRequest => _group.Capacity;

    /// <summary>Completes when the blocks may be overwritten on the source.</summary>
    public ValueTask PreserveAsync(Epoch epoch, long firstBlock, long lastBlock)
    {
        if (epoch.Index.ContainsAll(firstBlock, lastBlock))
        {
            Interlocked.Increment(ref counters.WritesWithoutCopy);
            return ValueTask.CompletedTask;
        }

        return Claim(epoch, firstBlock, lastBlock) is { } batch ? new ValueTask(batch.Done) : ValueTask.CompletedTask;
    }

    /// <summary>Claims what nobody has claimed; gives the last batch to wait for.</summary>
    private PreservationBatch? Claim(Epoch epoch, long firstBlock, long lastBlock)
    {
        lock (_lock)
        {
            PreservationBatch? last = null;
            for (var block = firstBlock; block <= lastBlock && epoch.Snapshot.State == SnapshotState.Active; block++)
            {
                if (!_claims.TryGetValue(block, out var batch))
                {
                    if (epoch.Index.Contains(block))
                        continue;
                    batch = OpenBatch(epoch);
                    batch.Blocks.Add(block);
                    _claims.Add(block, batch);
                }

                if (last is null || batch.Number > last.Number)
                    last = batch;
            }

            if (last is not null && !_running)
            {
                _running = true;
                ThreadPool.UnsafeQueueUserWorkItem(_ => _ = WorkOffAsync(), null);
            }

            return last;
        }
    }

    private PreservationBatch OpenBatch(Epoch epoch)
    {
        if (_open is null || _open.Epoch != epoch || _open.Blocks.Count >= _group.Capacity)
        {
            _open = new PreservationBatch(++_batches, epoch);
            _queue.Enqueue(_open);
        }

        return _open;
    }

    private async Task WorkOffAsync()
    {
        while (TakeBatch() is { } batch)
        {
            try
            {
                batch.Blocks.Sort();
                await PreserveAsync(batch.Epoch, batch.Blocks).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                // Source first: whatever it was, the writers go on and the snapshot is no longer to be believed.
                batch.Epoch.Snapshot.Break(failure as EngineException ?? CannotKeep(batch.Epoch, failure.Message, failure));
            }

            Release(batch);
        }
    }

    private PreservationBatch? TakeBatch()
    {
        lock (_lock)
        {
            if (_queue.TryDequeue(out var batch))
            {
                if (ReferenceEquals(batch, _open))
                    _open = null;
                return batch;
            }

            _running = false;
            return null;
        }
    }

    private void Release(PreservationBatch batch)
    {
        lock (_lock)
        {
            foreach (var block in batch.Blocks)
                _claims.Remove(block);
        }

        batch.Complete();
    }

    private async ValueTask PreserveAsync(Epoch epoch, List<long> blocks)
    {
        var done = 0;
        while (done < blocks.Count && epoch.Snapshot.State == SnapshotState.Active)
        {
            var room = logs.MakeRoom(Math.Min(blocks.Count - done, _group.Capacity));
            if (room == 0)
            {
                var (cause, failure) = logs.WhyNoRoom();
                throw CannotKeep(epoch, cause, failure);
            }

            await ReadOldAsync(blocks, done, room).ConfigureAwait(false);
            if (await TryCommitAsync(epoch).ConfigureAwait(false))
                done += room;
        }
    }

    /// <summary>Reads old blocks into the group, neighbours with one request.</summary>
    private async ValueTask ReadOldAsync(List<long> blocks, int first, int count)
    {
        _group.Clear();
        for (var position = 0; position < count;)
        {
            var run = 1;
            while (position + run < count && blocks[first + position + run] == blocks[first + position] + run)
                run++;
            var readable = await TryReadAsync(blocks[first + position], position, run).ConfigureAwait(false);
            for (var i = position; i < position + run; i++)
                _group.Add(blocks[first + i], readable || (run > 1 && await TryReadAsync(blocks[first + i], i, 1).ConfigureAwait(false)));
            position += run;
        }
    }

    /// <summary>Reads a run of blocks to its place in the group, with zeros behind the end of the source.</summary>
    /// <returns>Whether the medium could be read.</returns>
    private async ValueTask<bool> TryReadAsync(long block, int position, int run)
    {
        var staging = _group.Staging(position, run);
        var offset = block * blockSize;
        var inside = (int)Math.Min(staging.Length, source.Size - offset);
        staging.Span[inside..].Clear();
        try
        {
            await source.ReadAsync(offset, staging[..inside]).ConfigureAwait(false);
            return true;
        }
        catch (BlockDeviceException failure) when (failure.Reason == BlockDeviceError.InputOutput)
        {
            return false;
        }
    }

    /// <returns>Whether it is durable; if not, that log is out of use and another may have room.</returns>
    private async ValueTask<bool> TryCommitAsync(Epoch epoch)
    {
        GroupPlace place;
        try
        {
            place = await logs.AppendAsync(_group, epoch.Number).ConfigureAwait(false);
        }
        catch (SnapBackupException)
        {
            // The log keeps the failure and reports it when no other log has room.
            return false;
        }

        Publish(epoch, place);
        return true;
    }

    private void Publish(Epoch epoch, GroupPlace place)
    {
        foreach (ref readonly var record in _group.Records)
            epoch.Index.Add(record.Block, _group.VersionOf(record, place));
        Interlocked.Increment(ref counters.CommitGroups);
        Interlocked.Add(ref counters.BlocksPreserved, _group.Records.Length);
        Interlocked.Add(ref counters.ZeroBlocksPreserved, _group.Records.Length - _group.DataBlocks);
        Interlocked.Add(ref counters.LogBytesWritten, place.BytesWritten);
    }

    private static EngineException CannotKeep(Epoch epoch, string cause, Exception? failure) => new(
        EngineError.SnapshotBroken,
        $"{epoch.Snapshot.FullName}: the snapshot could not be kept and its content is gone: {cause}. "
        + "The source was not affected. Give the device more or better logs and start a new snapshot.",
        failure);
}
