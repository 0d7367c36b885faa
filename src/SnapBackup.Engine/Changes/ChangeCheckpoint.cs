using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Changes;

/// <summary>
/// Stores the change maps of all epochs that a point needs as pages, so that the segments whose records they came from can be given
/// back. Runs under <see cref="LogSet.Appending"/>.
/// </summary>
/// <remarks>
/// Invariant: the catalog says that older segments are not needed for the change map only after every page is durable, and nothing
/// is appended to such a segment after its changes were stored.
/// </remarks>
internal sealed class ChangeCheckpoint(LogSet logs, History history, CatalogStore catalogs)
{
    private const int LargestGroupBytes = 128 << 10;

    private readonly CommitGroup _group =
        new(logs.Shape.BlockSize, Math.Min(logs.LargestGroup, Math.Max(1, LargestGroupBytes / logs.Shape.BlockSize)));

    /// <summary>How many segments it takes at the most.</summary>
    public int SegmentsNeeded
    {
        get
        {
            var segment = logs.Logs.Min(log => log.SegmentSize) - (4 * LogLayout.Alignment);
            return NeededEpochs(catalogs.Current)
                .Sum(epoch => 1 + (int)(epoch.Changes.Bytes * 2 / segment));
        }
    }

    /// <summary>Stores the maps.</summary>
    /// <returns>Whether they are durable; if not, the logs have no room and nothing has changed.</returns>
    public async ValueTask<bool> TryStoreAsync()
    {
        // Nothing more comes into the segments whose changes are stored now.
        await logs.CloseAsync(SegmentClass.Versions).ConfigureAwait(false);
        await logs.CloseAsync(SegmentClass.Changes).ConfigureAwait(false);
        var from = logs.NextSequence;
        foreach (var epoch in NeededEpochs(catalogs.Current))
        {
            if (!await TryStoreAsync(epoch).ConfigureAwait(false))
            {
                await DropAsync(from).ConfigureAwait(false);
                return false;
            }
        }

        return await catalogs.UpdateAsync(catalog => catalog with { ChangesFrom = from }).ConfigureAwait(false);
    }

    /// <summary>Gives back what was stored of a map that did not fit.</summary>
    private async ValueTask DropAsync(long from)
    {
        var stored = logs.Logs
            .SelectMany(log => log.Segments)
            .Where(segment => segment.Class == SegmentClass.Changes && segment.Header.Sequence >= from)
            .ToList();
        foreach (var segment in stored)
        {
            if (segment.Filled == 0 || await logs.TryFreeAsync(segment).ConfigureAwait(false))
                logs.Release(one => ReferenceEquals(one, segment));
        }
    }

    private IEnumerable<Epoch> NeededEpochs(Catalog catalog) =>
        history.Epochs.Where(epoch => epoch.Number >= catalog.LowestNeededEpoch).DistinctBy(epoch => epoch.Changes);

    private async ValueTask<bool> TryStoreAsync(Epoch epoch)
    {
        var pages = epoch.Changes.Pages.ToList();
        for (var done = 0; done < pages.Count;)
        {
            var room = await logs.MakeRoomAsync(
                SegmentClass.Changes, epoch.Number, 0, Math.Min(_group.Capacity, pages.Count - done)).ConfigureAwait(false);
            if (room == 0)
                return false;
            _group.Clear();
            foreach (var (page, bits) in pages.GetRange(done, room))
                _group.AddPage(page, bits.Span);
            if (await TryAppendAsync().ConfigureAwait(false))
                done += room;
        }

        return true;
    }

    private async ValueTask<bool> TryAppendAsync()
    {
        try
        {
            await logs.AppendAsync(SegmentClass.Changes, _group).ConfigureAwait(false);
            return true;
        }
        catch (SnapBackupException)
        {
            // That log is out of use, which is written down before another has what it may have half of.
            await catalogs.UpdateAsync(catalog => catalog).ConfigureAwait(false);
            return false;
        }
    }
}
