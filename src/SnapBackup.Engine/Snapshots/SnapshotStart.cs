using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Snapshots;

/// <summary>The start of a snapshot on one device, in the steps that the devices of an atomic group take together.</summary>
/// <remarks>
/// Invariant: the snapshot's point is durable, and the source flushed, before a write that comes after it is let through. The epoch number is used up
/// even if the start fails: a point that reached a log all the same then finds every later version under its own number.
/// </remarks>
internal sealed class SnapshotStart(DeviceCore core, string name)
{
    private CatalogPoint _point = new() { Id = Guid.NewGuid(), Name = name, Epoch = 0, StartedAt = DateTimeOffset.UnixEpoch, Kind = PointKind.Snapshot };

    private bool _holdsWriters;

    /// <summary>The name of the device.</summary>
    public string DeviceName => core.Name;

    /// <summary>Makes it one of a group: what is stored is not believed before it is confirmed.</summary>
    /// <param name="group">The group.</param>
    /// <param name="nextInGroup">The set id of the next device.</param>
    public void JoinGroup(Guid group, Guid nextInGroup) => _point = _point with { Group = group, NextInGroup = nextInGroup, IsUnconfirmed = true };

    /// <exception cref="EngineException">The name cannot be used, or nothing more can be kept.</exception>
    public void ThrowIfImpossible()
    {
        Engine.DeviceName.ThrowIfInvalid(name, "snapshot");
        core.Writes.ThrowIfRefusing();
        var catalog = core.Catalogs.Current;
        if (catalog.Find(name) is { } taken)
            throw new EngineException(EngineError.SnapshotAlreadyStarted, WhyTaken(taken));

        if (catalog.Points.Length >= CatalogHeader.MostPoints)
        {
            throw new EngineException(
                EngineError.TooManySnapshots,
                $"{core.Name}: {catalog.Points.Length} snapshots and bookmarks are being kept, which is the limit. End or forget some first.");
        }
    }

    /// <summary>Flushes the source. Done before writers are held back too, it takes most of the work out of the time that they wait.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => core.Source.FlushAsync(cancellationToken).AsTask();

    /// <summary>Holds writers back and waits for those under way.</summary>
    /// <exception cref="EngineException"><see cref="EngineError.WritersHeld"/>.</exception>
    public async Task HoldWritersAsync()
    {
        await core.CloseWritesAsync($"{core.Name}@{name}: the snapshot cannot be started").ConfigureAwait(false);
        _holdsWriters = true;
    }

    /// <summary>Lets writers go, if they are held back.</summary>
    public void LetWritersGo()
    {
        if (_holdsWriters)
            core.Writes.Open();
        _holdsWriters = false;
    }

    /// <summary>Makes durable that the source as it is now is to be kept.</summary>
    /// <param name="now">The time, which is only shown.</param>
    public async Task StoreAsync(DateTimeOffset now)
    {
        _point = _point with { Epoch = core.Catalogs.Current.Epoch + 1, StartedAt = now };
        if (!await core.Catalogs.UpdateAsync(catalog => catalog.With(_point) with { Epoch = _point.Epoch }).ConfigureAwait(false))
            throw NoLog();
    }

    /// <summary>Says of a stored one of a group that all devices have stored it, or that this is in doubt again.</summary>
    public async Task ConfirmAsync(bool isConfirmed)
    {
        _point = _point with { IsUnconfirmed = !isConfirmed };
        if (!await core.Catalogs.UpdateAsync(catalog => catalog.Change(point => point.Id == _point.Id, _ => _point)).ConfigureAwait(false) && isConfirmed)
            throw NoLog();
    }

    /// <summary>Shows it, once it is stored for good.</summary>
    public Snapshot Keep()
    {
        var snapshot = new Snapshot(core, _point);
        core.Snapshots.Add(snapshot);
        core.Snapshots.Refresh();
        return snapshot;
    }

    /// <summary>Takes back what was stored.</summary>
    public async Task UndoAsync()
    {
        await core.Catalogs.UpdateAsync(catalog => catalog.Without(_point.Id)).ConfigureAwait(false);
        core.Snapshots.Refresh();
    }

    private string WhyTaken(CatalogPoint taken)
    {
        if (taken.Kind == PointKind.Bookmark)
            return $"{core.Name}: '{name}' is a bookmark. Forget it, or choose another name.";
        return core.Snapshots.Find(name)?.BreakCause is { } cause
            ? $"{core.Name}@{name}: a snapshot of this name is broken and was not ended, which would free the name. End it, or choose another name. Why it broke: {cause.Message}"
            : $"{core.Name}@{name}: a snapshot of this name is being kept already. End it, or choose another name.";
    }

    private EngineException NoLog() => new(
        EngineError.LogFailed,
        $"{core.Name}@{name}: the snapshot cannot be started, because no log works: {core.Logs.WhyNoRoom().Cause}. Add a log, or set the device up with better ones.");
}
