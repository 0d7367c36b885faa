using SnapBackup.Blocks;

namespace SnapBackup.Engine.Rollback;

/// <summary>
/// Writes what a snapshot holds back to the source. Besides <see cref="Origin.OriginDevice"/> this is the only code that writes the
/// source, and it does so only because a rollback was asked for (invariant 6 of <see cref="SnapDevice"/>).
/// </summary>
/// <remarks>
/// <para>Both gates of the origin are closed while it runs. Invariants:</para>
/// <list type="number">
/// <item>As for any writer, what the newest snapshot needs of a block, and that its region changes, is durable before the block is written.</item>
/// <item>Only blocks are written that the snapshot has in the log, so it reads the same before, meanwhile and after. So the whole can be done
/// again from the start, however far it came.</item>
/// </list>
/// </remarks>
internal sealed class RollbackWriter(DeviceCore core, IProgress<long>? progress)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(RollbackPlan.LargestRequest, pinned: true);
    private long _written;

    /// <summary>Writes everything and flushes the source.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="SnapBackupException">The source or a log failed. Some of it is written.</exception>
    public async Task<long> WriteAsync(RollbackPlan plan)
    {
        var content = plan.Snapshot.Open();
        await using (content.ConfigureAwait(false))
        {
            foreach (var batch in plan.Batches())
            {
                await RecordAsync(batch).ConfigureAwait(false);
                await foreach (var piece in plan.PiecesAsync(content, batch, CancellationToken.None).ConfigureAwait(false))
                    await WriteAsync(content, piece).ConfigureAwait(false);
                Report();
            }
        }

        await core.Source.FlushAsync().ConfigureAwait(false);
        return _written;
    }

    private async Task RecordAsync(IReadOnlyList<(long First, long Count)> batch)
    {
        await core.Logs.Appending.WaitAsync().ConfigureAwait(false);
        try
        {
            await core.Recorder.TryRecordAsync(RollbackPlan.ClaimsOf(batch), since: null).ConfigureAwait(false);
        }
        finally
        {
            core.Logs.Appending.Release();
        }
    }

    private async ValueTask WriteAsync(IBlockDevice content, RollbackPiece piece)
    {
        if (piece.IsZero)
        {
            await core.Source.WriteZeroesAsync(piece.Offset, piece.Length).ConfigureAwait(false);
        }
        else
        {
            var data = _buffer.AsMemory(0, (int)piece.Length);
            await content.ReadAsync(piece.Offset, data).ConfigureAwait(false);
            await core.Source.WriteAsync(piece.Offset, data).ConfigureAwait(false);
        }

        _written += piece.Length;
    }

    private void Report()
    {
        try
        {
            progress?.Report(_written);
        }
        catch (Exception)
        {
            // A watcher's failure is its own affair and must not leave the source half rolled back.
        }
    }
}
