using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Reclaiming;

/// <summary>
/// Finds what to move together: closed segments of which less than half is live, as long as those of several find room in one. So of all
/// segments of an epoch but one at least half is live when nothing is found any more.
/// </summary>
/// <remarks>
/// A segment has one epoch, so only segments go together whose epochs have become one in memory. At most half of the free segments are
/// taken, and none that are kept for the change map: writers are not to run out of room because room is being made.
/// </remarks>
internal sealed class CompactionPlan(LogSet logs, History history, CatalogStore catalogs, Reclaimer reclaimer)
{
    private const int LargestGroupBytes = 512 << 10;

    private readonly int _blockSize = logs.Shape.BlockSize;

    /// <summary>Finds it. Under <see cref="LogSet.Appending"/>.</summary>
    /// <returns>The batches that give the most; none when it is not worth the effort or there is no room.</returns>
    public IReadOnlyList<CompactionBatch> Make()
    {
        if (logs.Logs.Where(log => log.FreeSegments > 0).OrderBy(log => log.SegmentSize).ThenByDescending(log => log.FreeSegments).FirstOrDefault() is not { } target)
            return [];
        var lowest = catalogs.Current.LowestLiveEpoch;
        var batches = logs.Logs
            .Where(log => log.IsSound)
            .SelectMany(log => log.Segments)
            .Where(segment => IsPoorlyUsed(segment) && segment.Epoch >= lowest)
            .GroupBy(segment => history.FindNumber(segment.Epoch))
            .SelectMany(segments => Batches(target, segments.OrderBy(LiveBytes)))
            .Where(batch => batch.Gain > 0)
            .OrderByDescending(batch => batch.Gain)
            .ToList();
        var storesChanges = batches.SelectMany(batch => batch.Sources).Any(reclaimer.HoldsNeededChanges);
        var kept = Math.Max(reclaimer.Reserve, storesChanges ? reclaimer.SegmentsForChanges : 0);
        var worthwhile = batches.Take(Math.Min(target.FreeSegments, Math.Max(0, logs.FreeSegments - kept) / 2)).ToList();
        return worthwhile.Sum(batch => batch.Gain) > (storesChanges ? CostOfChanges() : 0) ? worthwhile : [];
    }

    private bool IsPoorlyUsed(Segment segment) =>
        segment is { Class: SegmentClass.Versions, IsOpen: false, IsPinned: false, ResistsMoving: false, LiveRecords: > 0 } && LiveBytes(segment) * 2 < segment.Size;

    /// <summary>What the live versions of a segment take, their records in the summary counted too.</summary>
    private long LiveBytes(Segment segment) => (segment.LiveBlocks * _blockSize) + (segment.LiveRecords * 2 * BlockRecord.Size);

    private IEnumerable<CompactionBatch> Batches(LogVolume target, IEnumerable<Segment> segments)
    {
        var room = new SegmentRoom(target.SegmentSize, 0, 0);
        var largestGroup = room.Fit(0, Math.Max(1, LargestGroupBytes / _blockSize), _blockSize);
        var (sources, records, blocks) = (new List<Segment>(), 0L, 0L);
        foreach (var segment in segments)
        {
            if (!Fits(segment.LiveRecords, segment.LiveBlocks))
                continue;
            if (!Fits(records + segment.LiveRecords, blocks + segment.LiveBlocks))
            {
                yield return new CompactionBatch(target, sources, largestGroup);
                (sources, records, blocks) = ([], 0, 0);
            }

            sources.Add(segment);
            records += segment.LiveRecords;
            blocks += segment.LiveBlocks;
        }

        if (sources.Count > 0)
            yield return new CompactionBatch(target, sources, largestGroup);

        bool Fits(long live, long withData) => room.FitsAll((int)(live - withData), (int)withData, largestGroup, _blockSize);
    }

    /// <summary>What storing the change map anew takes more than it takes now, with the rest of the segment that is closed for it, in bytes.</summary>
    private long CostOfChanges() =>
        (long)Math.Max(0, reclaimer.SegmentsForChanges + 1 - logs.SegmentsOf(SegmentClass.Changes)) * logs.Logs.Max(log => log.SegmentSize);
}
