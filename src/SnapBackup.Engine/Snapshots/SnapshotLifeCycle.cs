using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Snapshots;

/// <summary>Starts and ends snapshots, and tells what changed between them. The device sees to it that one operation runs at a time.</summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A snapshot is there as <see cref="SnapshotStart"/> says.</item>
/// <item>A snapshot is gone from the catalog durably before anything of it is no longer preserved.</item>
/// <item>An end never waits for writers: they may be held until it has made room. A start must, and gives up when they are held.</item>
/// </list>
/// </remarks>
internal sealed class SnapshotLifeCycle(DeviceCore core)
{
    public Snapshot Get(string name)
    {
        if (core.Snapshots.Find(name) is { } found)
            return found;
        var what = core.Catalogs.Current.Find(name) is { Kind: PointKind.Bookmark }
            ? $"'{name}' is a bookmark, which knows what has changed since and has no content, and not a snapshot."
            : $"no snapshot '{name}' is being kept.";
        var others = core.Snapshots.All.IsEmpty
            ? "No snapshot is kept now."
            : $"There are: {string.Join(", ", core.Snapshots.All.Select(snapshot => snapshot.Name))}.";
        throw new EngineException(EngineError.SnapshotNotStarted, $"{core.Name}: {what} {others}");
    }

    public async Task<Snapshot> StartAsync(string name, CancellationToken cancellationToken)
    {
        var start = new SnapshotStart(core, name);
        start.ThrowIfImpossible();
        await start.FlushAsync(cancellationToken).ConfigureAwait(false);
        await start.HoldWritersAsync().ConfigureAwait(false);
        try
        {
            // Both at once: until writers are let go, the source as it is after a crash is what the snapshot must show.
            await Task.WhenAll(start.FlushAsync(CancellationToken.None), start.StoreAsync(core.Clock.GetUtcNow())).ConfigureAwait(false);
            return start.Keep();
        }
        catch
        {
            await start.UndoAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            start.LetWritersGo();
        }
    }

    /// <summary>Takes note that all devices of a snapshot's group have it.</summary>
    public async Task ConfirmAsync(Snapshot snapshot)
    {
        if (await core.Catalogs.UpdateAsync(catalog => catalog.Change(
            point => point.Id == snapshot.Id, point => point with { IsUnconfirmed = false })).ConfigureAwait(false))
        {
            snapshot.Confirm();
        }
    }

    public async Task EndAsync(string name, bool keepChanges)
    {
        core.Writes.ThrowIfRefusing();
        var snapshot = Get(name);
        await snapshot.EndAsync().ConfigureAwait(false);
        await core.Catalogs.UpdateAsync(catalog => keepChanges
            ? catalog.Change(point => point.Id == snapshot.Id, ToBookmark)
            : catalog.Without(snapshot.Id)).ConfigureAwait(false);
        core.Snapshots.Remove(snapshot);
        await core.Reclaimer.MergeAndReclaimAsync().ConfigureAwait(false);
        core.Compactor.Begin();
    }

    public async Task ForgetBookmarkAsync(string name)
    {
        core.Writes.ThrowIfRefusing();
        if (core.Catalogs.Current.Find(name) is not { Kind: PointKind.Bookmark } bookmark)
            throw NoPoint(name, "bookmark");
        if (!await core.Catalogs.UpdateAsync(catalog => catalog.Without(bookmark.Id)).ConfigureAwait(false))
            throw new EngineException(EngineError.LogFailed, $"{core.Name}: no log takes the note that '{name}' is forgotten, so it comes back when the device is opened again.");
        await core.Reclaimer.MergeAndReclaimAsync().ConfigureAwait(false);
        core.Compactor.Begin();
    }

    public IReadOnlyList<string> ListComparable(string? to)
    {
        var catalog = core.Catalogs.Current;
        var end = to is null ? long.MaxValue : catalog.Find(to)?.Epoch ?? 0;
        return [.. catalog.Points.Where(point => point.NeedsChanges && point.Epoch < end).Select(point => point.Name)];
    }

    public IReadOnlyList<ChangedRange> Compare(string from, string? to)
    {
        var catalog = core.Catalogs.Current;
        var start = catalog.Find(from) ?? throw NoPoint(from, "snapshot or bookmark");
        var end = to is null ? long.MaxValue : (catalog.Find(to) ?? throw NoPoint(to, "snapshot or bookmark")).Epoch;
        if (end < start.Epoch)
            throw new EngineException(EngineError.BookmarkNotFound, $"{core.Name}: '{to}' is older than '{from}'. Name the older one first.");
        if (!start.NeedsChanges)
        {
            throw new EngineException(
                EngineError.ChangesLost, $"{core.Name}: what has changed since '{from}' is no longer known. Everything may have: make a full archive.");
        }

        var changes = new ChangeMap(core.Logs.Shape.RegionCount, core.BlockSize);
        foreach (var epoch in core.History.Epochs)
        {
            if (epoch.Number >= start.Epoch && epoch.Number < end)
                changes.UnionWith(epoch.Changes);
        }

        return [.. changes.Runs().Select(run => ToRange(run.First, run.Count))];
    }

    /// <remarks>One that is not confirmed leaves its group: it says nothing about the other devices.</remarks>
    private static CatalogPoint ToBookmark(CatalogPoint snapshot) => snapshot with
    {
        Kind = PointKind.Bookmark,
        BreakReason = BreakReason.None,
        ChangesLost = !snapshot.NeedsChanges,
        Group = snapshot.IsUnconfirmed ? Guid.Empty : snapshot.Group,
        IsUnconfirmed = false,
    };

    private ChangedRange ToRange(long firstRegion, long count)
    {
        var granularity = core.Logs.Shape.ChangeGranularity;
        var offset = firstRegion * granularity;
        return new ChangedRange(offset, Math.Min(count * granularity, core.Source.Size - offset));
    }

    private EngineException NoPoint(string name, string kind)
    {
        var points = core.Catalogs.Current.Points;
        var there = points.IsEmpty ? "none is kept" : $"there are: {string.Join(", ", points.Select(point => point.Name))}";
        return new EngineException(EngineError.BookmarkNotFound, $"{core.Name}: there is no {kind} '{name}'; {there}.");
    }
}
