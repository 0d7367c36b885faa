using System.Runtime.CompilerServices;
using SnapBackup.Blocks;
using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Preservation;

namespace SnapBackup.Engine.Rollback;

/// <summary>
/// Which blocks a rollback writes: those that were preserved since the snapshot started. All others are on the source as the snapshot
/// has them. Made while no write is under way, and true until the next one.
/// </summary>
internal sealed class RollbackPlan
{
    /// <summary>How much is read and written with one request, in bytes.</summary>
    public const int LargestRequest = 1 << 20;

    private const int LargestBatch = 8 << 20;
    private const int PageBytes = 4096;

    private readonly DeviceCore _core;
    private readonly ChangeMap _blocks;
    private readonly ChangeMap _unreadable;

    public RollbackPlan(DeviceCore core, Snapshot snapshot)
    {
        _core = core;
        Snapshot = snapshot;
        var count = (core.Source.Size + core.BlockSize - 1) / core.BlockSize;
        _blocks = new ChangeMap(count, PageBytes);
        _unreadable = new ChangeMap(count, PageBytes);
        foreach (var (block, _) in core.History.Epochs.Where(epoch => epoch.Number >= snapshot.Epoch).SelectMany(epoch => epoch.Index.Entries))
        {
            core.History.TryGet(snapshot.Epoch, block, out var version);
            (version.Kind == PreservedKind.Unreadable ? _unreadable : _blocks).Add(block);
        }
    }

    public Snapshot Snapshot { get; }

    /// <summary>What the snapshot does not have.</summary>
    public IReadOnlyList<ChangedRange> Unreadable => [.. _unreadable.Runs().Select(RangeOf)];

    /// <summary>Reads everything that will be written, whose checksums are verified thereby.</summary>
    /// <exception cref="SnapBackupException">Something of it cannot be read from the logs, or is not what was stored.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestRequest];
        var content = Snapshot.Open();
        await using (content.ConfigureAwait(false))
        {
            foreach (var batch in Batches())
            {
                await foreach (var piece in PiecesAsync(content, batch, cancellationToken).ConfigureAwait(false))
                {
                    if (!piece.IsZero)
                        await content.ReadAsync(piece.Offset, buffer.AsMemory(0, (int)piece.Length), cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>
    /// How many bytes of what newer snapshots need would find no room on the logs; 0 if there is room for all. It is found by doing in numbers
    /// what will be done in earnest.
    /// </summary>
    public async Task<long> CountBytesWithoutRoomAsync()
    {
        await _core.Logs.Appending.WaitAsync().ConfigureAwait(false);
        try
        {
            using var rooms = _core.Logs.RoomFor(SegmentClass.Versions, _core.History.Current.Number, _core.Reclaimer.Reserve).GetEnumerator();
            var room = default(SegmentRoom);
            return Batches().Sum(batch => CountBytesWithoutRoom(batch, rooms, ref room));
        }
        finally
        {
            _core.Logs.Appending.Release();
        }
    }

    /// <summary>The runs of blocks to be written, in ascending order, as many at a time as are recorded together.</summary>
    public IEnumerable<IReadOnlyList<(long First, long Count)>> Batches()
    {
        long limit = Math.Max(1, LargestBatch / _core.BlockSize);
        var (batch, free) = (new List<(long First, long Count)>(), limit);
        foreach (var (first, count) in _blocks.Runs())
        {
            for (var done = 0L; done < count;)
            {
                var step = Math.Min(count - done, free);
                batch.Add((first + done, step));
                done += step;
                free -= step;
                if (free > 0)
                    continue;
                yield return batch;
                (batch, free) = ([], limit);
            }
        }

        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>What must be recorded before a batch may be written, if it is not yet.</summary>
    public static List<Claim> ClaimsOf(IReadOnlyList<(long First, long Count)> batch)
    {
        var claims = new List<Claim>();
        foreach (var (first, count) in batch)
        {
            for (var block = first; block < first + count; block++)
                claims.Add(Claim.Version(block));
        }

        return claims;
    }

    /// <summary>What a batch is written with.</summary>
    /// <param name="content">The snapshot.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<RollbackPiece> PiecesAsync(
        IBlockDevice content, IReadOnlyList<(long First, long Count)> batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (offset, length) in batch.Select(RangeOf))
        {
            for (var done = 0L; done < length;)
            {
                var extent = await content.GetExtentAsync(offset + done, length - done, cancellationToken).ConfigureAwait(false);
                var isZero = extent.Kind == ExtentKind.Hole;
                var step = isZero ? extent.Length : Math.Min(extent.Length, LargestRequest);
                yield return new RollbackPiece(offset + done, step, isZero);
                done += step;
            }
        }
    }

    private long CountBytesWithoutRoom(IReadOnlyList<(long First, long Count)> batch, IEnumerator<SegmentRoom> rooms, ref SegmentRoom room)
    {
        var needed = _core.Recorder.StillNeeded(ClaimsOf(batch));
        var changes = needed.Count(claim => !claim.IsVersion);
        var versions = needed.Count - changes;
        while (changes + versions > 0)
        {
            var wanted = Math.Min(changes + versions, _core.Recorder.LargestGroup);
            var withoutData = Math.Min(changes, wanted);
            var fit = room.Fit(withoutData, wanted - withoutData, _core.BlockSize);
            if (fit == 0 && !rooms.MoveNext())
                return ((long)versions * _core.BlockSize) + ((long)changes * BlockRecord.Size);
            if (fit == 0)
            {
                room = rooms.Current;
                continue;
            }

            var withData = Math.Max(0, fit - withoutData);
            room = room.After(fit, withData, _core.BlockSize);
            changes -= fit - withData;
            versions -= withData;
        }

        return 0;
    }

    private ChangedRange RangeOf((long First, long Count) run)
    {
        var offset = run.First * _core.BlockSize;
        return new ChangedRange(offset, Math.Min(run.Count * _core.BlockSize, _core.Source.Size - offset));
    }
}
