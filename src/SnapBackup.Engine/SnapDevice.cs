using SnapBackup.Blocks;
using SnapBackup.Engine.Checking;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Opening;
using SnapBackup.Engine.Origin;
using SnapBackup.Engine.Rollback;
using SnapBackup.Engine.Snapshots;

namespace SnapBackup.Engine;

/// <summary>
/// A source with logs: users of the disk attach to its origin, and snapshots of it can be kept while they write.
/// </summary>
/// <remarks>
/// <para>What holds, and where it is kept:</para>
/// <list type="number">
/// <item><b>Isolation.</b> A read of a snapshot returns exactly what the block held when the snapshot started
/// (<see cref="Preservation.CopyBeforeWrite"/>, <see cref="Reading.SnapshotReader"/>).</item>
/// <item><b>Source first.</b> Nothing that happens to a log fails a write to the source
/// (<see cref="Preservation.CopyBeforeWrite"/>, <see cref="Overflow.OverflowRelief"/>).</item>
/// <item><b>Order.</b> A preserved version and its record are durable before the source block may change, so that after a crash
/// every snapshot is exact or marked broken (<see cref="Log.LogSet"/>, <see cref="Opening.Recovery"/>).</item>
/// <item><b>Superset.</b> The durable change map covers every write that could have reached the source
/// (<see cref="Preservation.Recorder"/>, <see cref="Changes.ChangeCheckpoint"/>).</item>
/// <item><b>Flush means flush.</b> A completed flush or FUA write is on the source's medium
/// (<see cref="OriginDevice"/>).</item>
/// <item><b>Nothing of ours on the source.</b> Only the writes of the origin's users, and a rollback that was asked for, reach it
/// (<see cref="OriginDevice"/>, <see cref="RollbackWriter"/>).</item>
/// <item><b>Written behind our back.</b> A source that changed while it was not attached makes snapshots broken and changes lost
/// (<see cref="DeviceReopening"/>).</item>
/// <item><b>One owner.</b> Source and logs are opened for exclusive use, across processes (<see cref="DeviceStorage"/>).</item>
/// </list>
/// <para>Operations on the device are serialised; all else may run at any time.</para>
/// </remarks>
public sealed class SnapDevice : IAsyncDisposable
{
    private readonly DeviceCore _core;
    private readonly SnapshotLifeCycle _lifeCycle;
    private readonly RollbackOperation _rollback;
    private bool _letGo;

    private SnapDevice(DeviceCore core)
    {
        _core = core;
        _lifeCycle = new SnapshotLifeCycle(core);
        _rollback = new RollbackOperation(core);
        core.Snapshots.Broken = snapshot => SnapshotBroken?.Invoke(this, new SnapshotBrokenEventArgs(snapshot));
        core.Ladder.Told = notice => LogFilling?.Invoke(this, notice);
        IsReadOnly = core.Source.IsReadOnly;
    }

    /// <summary>Raised when a snapshot could not be kept, on the thread that noticed; the handler must not block.</summary>
    public event EventHandler<SnapshotBrokenEventArgs>? SnapshotBroken;

    /// <summary>
    /// Raised when the logs are foretold to be full within <see cref="OverflowOptions.Horizon"/>, when one has grown or could not, and when writes come
    /// to be slowed, held, or to cost a snapshot: once for each such stage, and again only after there was more room. Raised in order on a thread
    /// of its own, for which no write waits: a handler that blocks delays later notices only, and what it throws is ignored.
    /// </summary>
    public event EventHandler<LogForecastEventArgs>? LogFilling;

    /// <summary>Its name.</summary>
    public string Name => _core.Name;

    /// <summary>The source's path.</summary>
    public string SourceName => _core.Source.Name;

    /// <summary>What the source's path named when it was opened; null for a source that is not a file or device.</summary>
    public FileIdentity? SourceIdentity => (_core.Source as FileBlockDevice)?.Identity;

    /// <summary>The paths of the logs, in the order of their numbers.</summary>
    public IReadOnlyList<string> LogNames => [.. _core.Logs.Logs.Select(log => log.Name)];

    /// <summary>The size of source, origin and snapshots in bytes.</summary>
    public long Size => _core.Source.Size;

    /// <summary>The unit of preservation in bytes.</summary>
    public int BlockSize => _core.BlockSize;

    /// <summary>The unit of the change map in bytes.</summary>
    public int ChangeGranularity => _core.Logs.Shape.ChangeGranularity;

    /// <summary>Whether snapshots and the change map survive a power cut.</summary>
    public LogDurability Durability => _core.Logs.Shape.IsVolatile ? LogDurability.Volatile : LogDurability.Strict;

    /// <summary>The snapshots that are kept, broken ones that were not ended among them, in the order in which they started.</summary>
    public IReadOnlyList<Snapshot> Snapshots => _core.Snapshots.All;

    /// <summary>The points in time of ended snapshots from which on changes are kept.</summary>
    public IReadOnlyList<Bookmark> Bookmarks =>
    [
        .. _core.Catalogs.Current.Points
            .Where(point => point.Kind == PointKind.Bookmark)
            .Select(point => new Bookmark(point.Name, point.Id, point.StartedAt, point.ChangesLost)),
    ];

    /// <summary>
    /// The snapshot that a rollback goes to which was begun and is not finished; null when there is none. The origin is closed until it is finished
    /// (<see cref="RollBackAsync"/>) or abandoned (<see cref="AbandonRollbackAsync"/>).
    /// </summary>
    public string? IncompleteRollback => _core.Catalogs.Current.FindRollbackTarget()?.Name;

    /// <summary>How many openers the origin has.</summary>
    public int OriginOpenCount => _core.OriginOpeners.Count;

    /// <summary>Whether the origin refuses writes.</summary>
    public bool IsReadOnly
    {
        get => _core.IsReadOnly;
        set => _core.IsReadOnly = value;
    }

    /// <summary>Whether it was torn down or let go, in success or failure.</summary>
    public bool IsTornDown => Volatile.Read(ref _letGo);

    internal DeviceCore Core => _core;

    internal SnapshotLifeCycle LifeCycle => _lifeCycle;

    /// <summary>Held during an operation on the device. Taken first.</summary>
    internal SemaphoreSlim Operation { get; } = new(1, 1);

    /// <summary>Sets a device up from files and block devices, which it holds for exclusive use.</summary>
    /// <param name="options">Source, logs and settings; the name must be given.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used. Nothing is changed or left behind then.</exception>
    public static Task<SnapDevice> SetUpAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default) =>
        FromFilesAsync(options, (name, storage) => SetUpAsync(name, storage, options, cancellationToken));

    /// <summary>Sets a device up from block devices that are open already.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="source">What to protect. The device owns it once this call has succeeded.</param>
    /// <param name="logs">1 to <see cref="DeviceSettings.MaxLogs"/> logs that keep nothing; owned likewise.</param>
    /// <param name="settings">How to preserve.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used. Nothing is changed then.</exception>
    public static Task<SnapDevice> SetUpAsync(
        string name, IBlockDevice source, IReadOnlyList<IBlockDevice> logs, DeviceSettings settings, CancellationToken cancellationToken = default) =>
        SetUpAsync(name, source, LogDevice.Of(logs), settings, cancellationToken);

    /// <summary>
    /// Opens a device again that was set up from these files and block devices, after it was let go or after a crash. Its snapshots are
    /// exact or marked broken, and its bookmarks know every change or say that it is lost.
    /// </summary>
    /// <param name="options">The source and all logs, in any order. Of the settings the allocation counts, and what is done as the logs fill.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given does not belong to the device or cannot be used. Nothing is changed then.</exception>
    public static Task<SnapDevice> OpenAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default) =>
        FromFilesAsync(options, (name, storage) => OpenAsync(name, storage, options, cancellationToken));

    /// <summary>Opens a device again from block devices that are open already.</summary>
    /// <inheritdoc cref="OpenAsync(SnapDeviceOptions, CancellationToken)" path="/exception"/>
    /// <param name="name">Its name.</param>
    /// <param name="source">What was protected. The device owns it once this call has succeeded.</param>
    /// <param name="logs">All its logs, in any order; owned likewise.</param>
    /// <param name="settings">Of these the allocation counts, and what is done as the logs fill.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    public static Task<SnapDevice> OpenAsync(
        string name, IBlockDevice source, IReadOnlyList<IBlockDevice> logs, DeviceSettings settings, CancellationToken cancellationToken = default) =>
        OpenAsync(name, source, LogDevice.Of(logs), settings, cancellationToken);

    /// <summary>
    /// Opens a device again if its logs keep snapshots or bookmarks, else sets it up: what a runbook or service wants that names its files.
    /// </summary>
    /// <param name="options">Source, logs and settings; the name must be given.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used. Nothing is changed then.</exception>
    public static Task<SnapDevice> AttachAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default) =>
        FromFilesAsync(options, async (name, storage) =>
            await storage.KeepsSomethingAsync(cancellationToken).ConfigureAwait(false)
                ? await OpenAsync(name, storage, options, cancellationToken).ConfigureAwait(false)
                : await SetUpAsync(name, storage, options, cancellationToken).ConfigureAwait(false));

    /// <summary>Tells what <see cref="AttachAsync"/> would do. Nothing is changed.</summary>
    /// <param name="options">Source, logs and settings; the name must be given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used.</exception>
    public static async Task<AttachPlan> PlanAttachAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default)
    {
        var name = CheckedName(options);
        var storage = await DeviceStorage.OpenAsync(options).ConfigureAwait(false);
        try
        {
            return await AttachPlan.MakeAsync(name, storage, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await storage.AbandonAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens the origin: reads and writes of the disk go through it. The caller disposes it.</summary>
    /// <exception cref="EngineException">The device was torn down, or a rollback is not finished.</exception>
    public IBlockDevice OpenOrigin()
    {
        ThrowIfTornDown();
        _core.Writes.ThrowIfRefusing();
        return new OriginDevice(_core);
    }

    /// <summary>The snapshot of that name; null when there is none.</summary>
    /// <param name="name">The name.</param>
    public Snapshot? FindSnapshot(string name) => _core.Snapshots.Find(name);

    /// <summary>The snapshot of that name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="EngineException"><see cref="EngineError.SnapshotNotStarted"/>, naming those there are.</exception>
    public Snapshot GetSnapshot(string name) => _lifeCycle.Get(name);

    /// <summary>Refuses what could not be started now, without beginning.</summary>
    /// <param name="name">The snapshot's name.</param>
    /// <exception cref="EngineException">As of <see cref="StartSnapshotAsync"/>.</exception>
    public void ThrowIfCannotStart(string name)
    {
        ThrowIfTornDown();
        new SnapshotStart(_core, name).ThrowIfImpossible();
    }

    /// <summary>
    /// Starts a snapshot: a sync point. Writes in flight are waited for, everything is flushed to the source, and from
    /// then on old blocks are preserved. New writes wait for that moment.
    /// </summary>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <exception cref="EngineException">
    /// A snapshot or bookmark of that name is being kept, there are too many, no log works, or the device was torn down.
    /// </exception>
    /// <exception cref="BlockDeviceException">The source could not be flushed; no snapshot is kept then.</exception>
    public Task<Snapshot> StartSnapshotAsync(string name, CancellationToken cancellationToken = default) =>
        OperateAsync(() => _lifeCycle.StartAsync(name, cancellationToken), cancellationToken);

    /// <summary>
    /// Ends a snapshot: reads of it fail from now on, and the log space that only it needed is free.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="keepChanges">
    /// Whether a bookmark of the same name stays, so that <see cref="CompareAsync"/> can tell later what has changed since.
    /// </param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">No snapshot of that name is being kept, or the device was torn down.</exception>
    public Task EndSnapshotAsync(string name, bool keepChanges = false, CancellationToken cancellationToken = default) =>
        OperateAsync(() => _lifeCycle.EndAsync(name, keepChanges), cancellationToken);

    /// <summary>Forgets a bookmark: changes since it are no longer kept for its sake.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is no bookmark of that name, or the device was torn down.</exception>
    public Task ForgetBookmarkAsync(string name, CancellationToken cancellationToken = default) =>
        OperateAsync(() => _lifeCycle.ForgetBookmarkAsync(name), cancellationToken);

    /// <summary>Tells what has changed between two points in time: every byte that differs is inside, and perhaps some that do not.</summary>
    /// <param name="from">The name of a snapshot or bookmark.</param>
    /// <param name="to">The name of a later one; left out, now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Ranges in ascending order that do not touch, at <see cref="ChangeGranularity"/>.</returns>
    /// <exception cref="EngineException">There is no such point, they are in the wrong order, or changes since the first are lost.</exception>
    public Task<IReadOnlyList<ChangedRange>> CompareAsync(string from, string? to = null, CancellationToken cancellationToken = default) =>
        OperateAsync(() => Task.FromResult(_lifeCycle.Compare(from, to)), cancellationToken);

    /// <summary>The snapshots and bookmarks since which <see cref="CompareAsync"/> can tell the changes, oldest first.</summary>
    /// <param name="to">The name of a snapshot or bookmark, of which only earlier ones are meant; left out, now. For one that there is not: none.</param>
    public IReadOnlyList<string> ListComparable(string? to = null) => _lifeCycle.ListComparable(to);

    /// <summary>
    /// Rolls the source back: it holds again what it held when a snapshot started. That snapshot and all others, older and newer, stay as
    /// they are, and the change map has what is written. If it fails or is interrupted once the source is being written, the origin is closed and
    /// it can be called again; a device that is opened again after a crash finishes it first.
    /// </summary>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="force">
    /// Whether to do so although the origin is open, whose requests wait meanwhile, and although the snapshot does not have blocks that could not be
    /// read from the source when they were to be preserved, which stay as they are and are named in the report.
    /// </param>
    /// <param name="progress">Is told how many bytes have been written back so far.</param>
    /// <param name="cancellationToken">Gives up before the source is changed; from then on it is finished.</param>
    /// <exception cref="EngineException">
    /// Before anything is changed: no such snapshot is being kept, the origin is open, the snapshot lacks something or a log is damaged, or the logs
    /// have no room for what newer snapshots need. Later: <see cref="EngineError.RollbackIncomplete"/>.
    /// </exception>
    /// <exception cref="BlockDeviceException">The source is read-only or a log cannot be read. Nothing is changed.</exception>
    public Task<RollbackReport> RollBackAsync(
        string name, bool force = false, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        OperateAsync(() => _rollback.RunAsync(_lifeCycle.Get(name), force, progress, cancellationToken), cancellationToken);

    /// <summary>Abandons a rollback that is not finished: the origin is opened, and the source stays as it is, partly rolled back.</summary>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">No log takes the note, or the device was torn down.</exception>
    public Task AbandonRollbackAsync(CancellationToken cancellationToken = default) => OperateAsync(_rollback.AbandonAsync, cancellationToken);

    /// <summary>
    /// Reads everything that is on the logs and verifies it: every checksum, and that logs and memory agree. Runs while the device is used, and changes
    /// nothing: a snapshot that is found to be unreadable in parts stays readable in the others.
    /// </summary>
    /// <param name="progress">Told how far it is, a segment at a time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">The device was torn down, perhaps meanwhile.</exception>
    public Task<CheckReport> CheckAsync(IProgress<CheckProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ThrowIfTornDown();
        return new DeviceCheck(_core).RunAsync(progress, cancellationToken);
    }

    /// <summary>Adds a log file or block device while the device is in use. Writes that are held for want of room go on.</summary>
    /// <param name="log">The log; it is created if it does not exist and a size is given.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">It cannot be used, there are too many logs, or the device was torn down. The device goes on without it.</exception>
    public Task AddLogAsync(LogOptions log, CancellationToken cancellationToken = default) =>
        OperateAsync(() => new LogAddition(_core).AddAsync(log, cancellationToken), cancellationToken);

    /// <summary>Tells what would be lost if a log were added. Nothing is changed.</summary>
    /// <param name="log">The log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it keeps; null when it keeps nothing or is not there yet.</returns>
    /// <exception cref="SnapBackupException">It cannot be used, or the device was torn down.</exception>
    public async Task<LostContent?> PlanAddLogAsync(LogOptions log, CancellationToken cancellationToken = default)
    {
        ThrowIfTornDown();
        _core.ThrowIfOwnStorage(log.Path);
        var file = await LogFile.FindAsync(log).ConfigureAwait(false);
        try
        {
            return file.IsThere ? await AttachPlan.FindLostAsync(file.Device, BlockSize, cancellationToken).ConfigureAwait(false) : null;
        }
        finally
        {
            await file.AbandonAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Adds a block device that is open already as a log while the device is in use.</summary>
    /// <inheritdoc cref="AddLogAsync(LogOptions, CancellationToken)" path="/exception"/>
    /// <param name="log">The log. The device owns it once this call has succeeded.</param>
    /// <param name="discardContent">Whether content that is not a log of ours may be overwritten.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    public Task AddLogAsync(IBlockDevice log, bool discardContent = false, CancellationToken cancellationToken = default) => OperateAsync(
        () => new LogAddition(_core).AddAsync(new LogDevice(log) { MayDiscard = discardContent }, cancellationToken), cancellationToken);

    /// <summary>What the device has done so far.</summary>
    public SnapDeviceStatistics GetStatistics() => _core.Counters.Read(_core.Logs, _core.Ladder);

    /// <summary>Tears the device down: ends its snapshots, forgets its bookmarks, flushes, and lets source and logs go.</summary>
    /// <param name="force">Whether to do so although someone has it open, whose requests fail from now on, or a rollback is not finished.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">Someone has the origin or a snapshot open, a rollback is not finished, or it was torn down already.</exception>
    /// <exception cref="BlockDeviceException">The source could not be flushed at last; all is let go nevertheless.</exception>
    public Task TearDownAsync(bool force = false, CancellationToken cancellationToken = default) => OperateAsync(
        async () =>
        {
            if (!force)
            {
                ThrowIfOpen();
                _core.Writes.ThrowIfRefusing();
            }

            Volatile.Write(ref _letGo, true);
            await new DeviceRelease(_core).TearDownAsync().ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>
    /// Lets source and logs go, if that was not done yet; snapshots and bookmarks stay on the logs for <see cref="OpenAsync(SnapDeviceOptions, CancellationToken)"/>.
    /// Requests under way are waited for; later ones fail.
    /// </summary>
    /// <exception cref="BlockDeviceException">The source could not be flushed at last; all is let go nevertheless.</exception>
    public async ValueTask DisposeAsync()
    {
        await Operation.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_letGo)
                return;
            Volatile.Write(ref _letGo, true);
            await new DeviceRelease(_core).LetGoAsync().ConfigureAwait(false);
        }
        finally
        {
            Operation.Release();
        }
    }

    /// <summary>Sets a device up from logs on terms of their own.</summary>
    internal static async Task<SnapDevice> SetUpAsync(
        string name, IBlockDevice source, IReadOnlyList<LogDevice> logs, DeviceSettings settings, CancellationToken cancellationToken = default) =>
        new(await DeviceSetUp.SetUpAsync(name, source, logs, settings, cancellationToken).ConfigureAwait(false));

    /// <summary>Opens a device again from logs on terms of their own.</summary>
    internal static async Task<SnapDevice> OpenAsync(
        string name, IBlockDevice source, IReadOnlyList<LogDevice> logs, DeviceSettings settings, CancellationToken cancellationToken = default) =>
        new(await DeviceReopening.OpenAsync(name, source, logs, settings, cancellationToken).ConfigureAwait(false));

    private static Task<DeviceCore> SetUpAsync(string name, DeviceStorage storage, DeviceSettings settings, CancellationToken cancellationToken)
    {
        storage.CreateMissingLogs();
        return DeviceSetUp.SetUpAsync(name, storage.Source, storage.Logs, settings, cancellationToken);
    }

    private static Task<DeviceCore> OpenAsync(string name, DeviceStorage storage, DeviceSettings settings, CancellationToken cancellationToken)
    {
        storage.ThrowIfLogIsMissing();
        return DeviceReopening.OpenAsync(name, storage.Source, storage.Logs, settings, cancellationToken);
    }

    /// <summary>The name, once it and the settings are known to be possible.</summary>
    private static string CheckedName(SnapDeviceOptions options)
    {
        var name = options.Name ?? throw new EngineException(EngineError.InvalidName, "Give the device a name.");
        SettingsCheck.ThrowIfInvalid(name, options, options.Logs.Count);
        return name;
    }

    private static async Task<SnapDevice> FromFilesAsync(SnapDeviceOptions options, Func<string, DeviceStorage, Task<DeviceCore>> make)
    {
        var name = CheckedName(options);
        var storage = await DeviceStorage.OpenAsync(options).ConfigureAwait(false);
        try
        {
            return new SnapDevice(await make(name, storage).ConfigureAwait(false));
        }
        catch
        {
            await storage.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<T> OperateAsync<T>(Func<Task<T>> operation, CancellationToken cancellationToken)
    {
        await Operation.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfTornDown();
            return await operation().ConfigureAwait(false);
        }
        finally
        {
            Operation.Release();
        }
    }

    private Task<bool> OperateAsync(Func<Task> operation, CancellationToken cancellationToken) => OperateAsync(
        async () =>
        {
            await operation().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <exception cref="EngineException"><see cref="EngineError.DeviceInUse"/>.</exception>
    internal void ThrowIfOpen()
    {
        var origin = _core.OriginOpeners.Count;
        var snapshots = _core.Snapshots.All.Sum(snapshot => snapshot.OpenCount);
        if (origin + snapshots > 0)
        {
            throw new EngineException(
                EngineError.DeviceInUse,
                $"{Name}: it is in use: its origin has {Quantity.Of(origin, "opener")}, its snapshots {snapshots}. Detach them first, or force it.");
        }
    }

    /// <exception cref="EngineException"><see cref="EngineError.DeviceTornDown"/>.</exception>
    internal void ThrowIfTornDown()
    {
        if (_letGo)
            throw new EngineException(EngineError.DeviceTornDown, $"{Name}: the device was torn down.");
    }
}
