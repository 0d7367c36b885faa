using System.Collections.Immutable;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Snapshots;

/// <summary>The snapshots of a device, broken ones that were not ended among them, in the order in which they started.</summary>
internal sealed class KeptSnapshots(CatalogStore catalogs, History history)
{
    private ImmutableArray<Snapshot> _all = [];

    /// <summary>Called for each snapshot that breaks.</summary>
    public Action<Snapshot>? Broken { get; set; }

    public ImmutableArray<Snapshot> All => _all;

    public Snapshot? Find(string name) => _all.FirstOrDefault(snapshot => snapshot.Name.Equals(name, StringComparison.Ordinal));

    public void Add(Snapshot snapshot) => ImmutableInterlocked.Update(ref _all, all => all.Add(snapshot));

    public void Remove(Snapshot snapshot) => ImmutableInterlocked.Update(ref _all, all => all.Remove(snapshot));

    /// <summary>
    /// Marks snapshots broken, in memory and durably where a log still takes it, and gives back what their overlays have. When this completes,
    /// writes may go by unpreserved. Runs under <see cref="LogSet.Appending"/>.
    /// </summary>
    /// <param name="which">Those that are meant.</param>
    /// <param name="reason">Why, for the catalog.</param>
    /// <param name="cause">Why, in words: what follows "could not be kept and its content is gone:".</param>
    /// <param name="failure">The exception that caused it, if one did.</param>
    public async ValueTask BreakAsync(Predicate<Snapshot> which, BreakReason reason, string cause, Exception? failure)
    {
        var meant = _all.Where(snapshot => which(snapshot)).ToList();
        var broken = meant.Where(snapshot => snapshot.Break(CannotKeep(snapshot, cause, failure))).ToList();
        // One whose end is under way is marked too: as long as the catalog keeps it, it is preserved.
        var ids = meant.Select(snapshot => snapshot.Id).ToHashSet();
        await catalogs.UpdateAsync(catalog => catalog.Change(
            point => point.IsLive && ids.Contains(point.Id), point => point with { BreakReason = reason })).ConfigureAwait(false);
        Refresh();
        foreach (var snapshot in broken)
            await snapshot.Overlays.ReleaseAsync(snapshot.BreakCause!).ConfigureAwait(false);
        broken.ForEach(Tell);
    }

    /// <summary>Makes writers record what the catalog says they must.</summary>
    public void Refresh() => history.Apply(catalogs.Current);

    private void Tell(Snapshot snapshot)
    {
        try
        {
            Broken?.Invoke(snapshot);
        }
        catch (Exception)
        {
            // A handler's failure is its own affair; writers wait for this thread.
        }
    }

    private static EngineException CannotKeep(Snapshot snapshot, string cause, Exception? failure) => new(
        EngineError.SnapshotBroken,
        $"{snapshot.FullName}: the snapshot could not be kept and its content is gone: {cause}. "
        + "The source was not affected. Give the device more or better logs and start a new snapshot.",
        failure);
}
