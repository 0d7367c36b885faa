using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Reclaiming;

/// <summary>
/// Gives back the segments that no point of the catalog needs. A segment's records are also the change map, so before one that
/// holds changes which a point still needs is given back, the change map is stored anew (<see cref="ChangeCheckpoint"/>).
/// </summary>
/// <remarks>
/// Invariant: a segment is given back only after a durable catalog says that nothing in it is needed. All of it runs under
/// <see cref="LogSet.Appending"/>, which <see cref="MergeAndReclaimAsync"/> takes itself.
/// </remarks>
internal sealed class Reclaimer(LogSet logs, History history, CatalogStore catalogs, ChangeCheckpoint checkpoint)
{
    /// <summary>How many segments to keep free, so that the change map can be stored when the logs are full.</summary>
    public int Reserve => catalogs.Current.Points.Any(point => point.Kind == PointKind.Bookmark && point.NeedsChanges)
        ? Math.Min(checkpoint.SegmentsNeeded, (int)(logs.Logs.Sum(log => log.SegmentCount) / 4))
        : 0;

    /// <summary>How many segments it takes at the most to store the change map anew.</summary>
    public int SegmentsForChanges => checkpoint.SegmentsNeeded;

    /// <summary>Whether the change map must be stored anew before a segment can be given back.</summary>
    public bool HoldsNeededChanges(Segment segment) => HoldsNeededChanges(segment, catalogs.Current);

    /// <summary>Gives back what is not needed.</summary>
    /// <returns>Whether something was given back.</returns>
    public async ValueTask<bool> ReclaimAsync()
    {
        var before = logs.FreeSegments;
        var catalog = catalogs.Current;
        if (Needless(catalog).Any(segment => HoldsNeededChanges(segment, catalog)))
        {
            await checkpoint.TryStoreAsync().ConfigureAwait(false);
            catalog = catalogs.Current;
        }

        await ReleaseAsync(catalog).ConfigureAwait(false);
        return logs.FreeSegments > before;
    }

    /// <summary>
    /// Makes writers record what the catalog says, which may be less than before, and merges epochs that no point tells apart any more, so that
    /// of their segments those can be given back whose versions nobody needs.
    /// </summary>
    /// <remarks>
    /// Writers may be under way, and held for want of room: what they did not need to record before, they need not now, and what they
    /// wait for is looked at again.
    /// </remarks>
    public async ValueTask MergeAndReclaimAsync()
    {
        await logs.Appending.WaitAsync().ConfigureAwait(false);
        try
        {
            history.Apply(catalogs.Current);
            foreach (var version in history.Merge(catalogs.Current))
                logs.Forget(version);
            await ReclaimAsync().ConfigureAwait(false);
            logs.RoomMade();
        }
        finally
        {
            logs.Appending.Release();
        }
    }

    /// <summary>Stores the change map anew when its records take more room than it would.</summary>
    public async ValueTask CompactChangesAsync()
    {
        if (logs.SegmentsOf(SegmentClass.Changes) > 2 * (checkpoint.SegmentsNeeded + 1))
            await TryStoreChangesAsync().ConfigureAwait(false);
    }

    /// <summary>Stores the change map anew, so that no segment that is there by now is needed for it.</summary>
    /// <returns>Whether there was room for it.</returns>
    public async ValueTask<bool> TryStoreChangesAsync()
    {
        if (!await checkpoint.TryStoreAsync().ConfigureAwait(false))
            return false;
        await ReclaimAsync().ConfigureAwait(false);
        return true;
    }

    /// <summary>Gives back what is not needed; what an opening would take for needed is marked free durably before it is used again.</summary>
    private async ValueTask ReleaseAsync(Catalog catalog)
    {
        var needless = logs.Logs
            .SelectMany(log => log.Segments)
            .Where(segment => IsNeedless(segment, catalog) && !HoldsNeededChanges(segment, catalog))
            .ToHashSet();
        var named = needless.Where(segment => catalog.Needs(segment.Class, segment.Epoch, segment.Header.Sequence)).ToList();
        foreach (var segment in named)
        {
            if (!await logs.TryFreeAsync(segment).ConfigureAwait(false))
                needless.Remove(segment);
        }

        logs.Release(needless.Contains);
        if (named.Count > 0)
            await catalogs.UpdateAsync(unchanged => unchanged).ConfigureAwait(false); // which may have named one of them as open
    }

    private static bool IsNeedless(Segment segment, Catalog catalog) => segment.Class switch
    {
        SegmentClass.Versions => segment.Epoch < catalog.LowestLiveEpoch
            || (segment.LiveRecords == 0 && !segment.IsPinned && (!segment.IsOpen || segment.Filled > 0 || segment.Epoch < catalog.Epoch)),
        SegmentClass.Changes => true,
        _ => false,
    };

    private static bool HoldsNeededChanges(Segment segment, Catalog catalog) =>
        segment.Epoch >= catalog.LowestNeededEpoch && segment.Header.Sequence >= catalog.ChangesFrom;

    private IEnumerable<Segment> Needless(Catalog catalog) => logs.Logs
        .SelectMany(log => log.Segments)
        .Where(segment => segment.Class == SegmentClass.Versions && IsNeedless(segment, catalog));
}
