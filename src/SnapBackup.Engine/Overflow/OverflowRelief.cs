using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Reclaiming;
using SnapBackup.Engine.Snapshots;

namespace SnapBackup.Engine.Overflow;

/// <summary>
/// The last rung, on which writers can go on in any case: the oldest snapshot is ended; when none is left to end, the
/// change map is given up. Runs under <see cref="LogSet.Appending"/>.
/// </summary>
/// <remarks>
/// Invariant: what is given up is written down, where a log still takes it, before a write goes by unrecorded. Each call makes room or leaves
/// less to record, so that calling it until there is room ends.
/// </remarks>
internal sealed class OverflowRelief(LogSet logs, CatalogStore catalogs, KeptSnapshots snapshots, Reclaimer reclaimer)
{
    /// <summary>Makes room, or sees to it that less must be recorded.</summary>
    public async ValueTask GiveUpOldestAsync()
    {
        var oldest = catalogs.Current.LowestDispensableEpoch;
        if (oldest != long.MaxValue)
        {
            var free = logs.FreeSegments; // overlays of the snapshot give theirs back at once
            var (cause, failure) = logs.WhyNoRoom();
            var reason = failure is null ? BreakReason.LogFull : BreakReason.LogFailed;
            await snapshots.BreakAsync(snapshot => snapshot.Epoch == oldest, reason, cause, failure).ConfigureAwait(false);
            if (await reclaimer.ReclaimAsync().ConfigureAwait(false) || logs.FreeSegments > free)
                return;
        }

        await GiveUpChangesAsync(oldest == long.MaxValue ? oldest : catalogs.Current.LowestLiveEpoch).ConfigureAwait(false);
        await reclaimer.ReclaimAsync().ConfigureAwait(false);
    }

    /// <summary>Everything has failed that could: nothing that is kept is to be believed from now on.</summary>
    public async ValueTask GiveUpAllAsync(string cause, Exception failure)
    {
        await snapshots.BreakAsync(_ => true, BreakReason.Unexpected, cause, failure).ConfigureAwait(false);
        await GiveUpChangesAsync(long.MaxValue).ConfigureAwait(false);
    }

    private async ValueTask GiveUpChangesAsync(long beforeEpoch)
    {
        await catalogs.UpdateAsync(catalog => catalog.Change(
            point => point.Epoch < beforeEpoch, point => point with { ChangesLost = true })).ConfigureAwait(false);
        snapshots.Refresh();
    }
}
