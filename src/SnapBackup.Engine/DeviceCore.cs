using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Overflow;
using SnapBackup.Engine.Preservation;
using SnapBackup.Engine.Reading;
using SnapBackup.Engine.Reclaiming;
using SnapBackup.Engine.Snapshots;

namespace SnapBackup.Engine;

/// <summary>What the faces of a device share: its storage, its gates, its history and what is kept.</summary>
internal sealed class DeviceCore
{
    private volatile bool _isReadOnly;

    /// <summary>Puts a device together from what was set up or found.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="source">Its source, which it owns.</param>
    /// <param name="logs">Its logs, which it owns.</param>
    /// <param name="catalog">What it keeps, as it stands on the logs.</param>
    /// <param name="epochs">What was found of the epochs, the current one last.</param>
    /// <param name="settings">What is done as the logs fill, and the clock; all else stands on the logs.</param>
    public DeviceCore(string name, IBlockDevice source, LogSet logs, Catalog catalog, IReadOnlyList<Epoch> epochs, DeviceSettings settings)
    {
        Name = name;
        Clock = settings.Clock;
        Source = source;
        Logs = logs;
        Catalogs = new CatalogStore(catalog, logs);
        History = new History(epochs, logs.Shape.BlocksPerRegion, () => new ChangeMap(logs.Shape.RegionCount, logs.Shape.BlockSize));
        Snapshots = new KeptSnapshots(Catalogs, History);
        Reclaimer = new Reclaimer(logs, History, Catalogs, new ChangeCheckpoint(logs, History, Catalogs));
        Ladder = new OverflowLadder(settings.Overflow, settings.Clock, logs, Catalogs, Snapshots, Reclaimer, Counters);
        Recorder = new Recorder(source, logs, History, Catalogs, Reclaimer, Ladder, Counters);
        CopyBeforeWrite = new CopyBeforeWrite(History, logs, Recorder, Ladder, Counters);
        Compactor = new Compactor(this);
        History.Apply(catalog);
        foreach (var point in catalog.Points.Where(point => point.Kind == PointKind.Snapshot))
            Snapshots.Add(new Snapshot(this, point));
    }

    public string Name { get; }

    public IBlockDevice Source { get; }

    public TimeProvider Clock { get; }

    public LogSet Logs { get; }

    public int BlockSize => Logs.Shape.BlockSize;

    public CatalogStore Catalogs { get; }

    public History History { get; }

    public KeptSnapshots Snapshots { get; }

    public Reclaimer Reclaimer { get; }

    /// <summary>Moves versions together so that segments come back. Told to begin after something ended.</summary>
    public Compactor Compactor { get; }

    public OverflowLadder Ladder { get; }

    public Counters Counters { get; } = new();

    public Recorder Recorder { get; }

    public CopyBeforeWrite CopyBeforeWrite { get; }

    /// <summary>Who reads preserved blocks from the logs.</summary>
    public LogReaders LogReaders { get; } = new();

    /// <summary>Everything that changes the source passes here; closed for the moment of a start or end, and for a rollback.</summary>
    public RequestGate Writes { get; } = new();

    /// <summary>What else is done through the origin passes here; closed for a rollback, and when the device is let go.</summary>
    public RequestGate Reads { get; } = new();

    /// <summary>Who uses the logs beside preserving and reading snapshots passes here; closed when the device is let go.</summary>
    public RequestGate LogUsers { get; } = new();

    /// <summary>Who has the origin open.</summary>
    public Openers OriginOpeners { get; } = new();

    /// <summary>
    /// Closes the gate of writes, unless writers are held for want of room or come to be: what can make room must not wait for them.
    /// </summary>
    /// <param name="what">What cannot be done then: the beginning of a sentence.</param>
    /// <exception cref="EngineException"><see cref="EngineError.WritersHeld"/>; the gate is open.</exception>
    public async Task CloseWritesAsync(string what)
    {
        if (!await Writes.TryCloseAsync(Ladder.WritersHeld).ConfigureAwait(false))
        {
            throw new EngineException(
                EngineError.WritersHeld, $"{what} now, because the logs are full and writes are held until there is room. Add a log, or end a snapshot.");
        }
    }

    /// <summary>Refuses what is the source or a log of this device already as a log that is to be added.</summary>
    /// <exception cref="EngineException"><see cref="EngineError.LogSharesStorage"/>.</exception>
    public void ThrowIfOwnStorage(string path)
    {
        if (FileIdentity.Of(path) is not { } identity)
            return;
        if (IsAt(Source))
            throw Refused($"it is the source of {Name}");
        if (Logs.Logs.FirstOrDefault(log => IsAt(log.Device)) is { } own)
            throw Refused($"{Name} has this log already{(own.Name.Equals(path, StringComparison.Ordinal) ? "" : $", as {own.Name}")}");

        bool IsAt(IBlockDevice device) => device is FileBlockDevice file && file.Identity == identity;
        EngineException Refused(string why) => new(EngineError.LogSharesStorage, $"{path}: {why}. Name another file or device.");
    }

    /// <summary>Whether the origin refuses writes.</summary>
    public bool IsReadOnly
    {
        get => _isReadOnly;
        set => _isReadOnly = value;
    }
}
