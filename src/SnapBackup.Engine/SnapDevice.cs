using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Origin;

namespace SnapBackup.Engine;

/// <summary>
/// A source with logs: users of the disk attach to its origin, and a snapshot of it can be kept while they write.
/// </summary>
/// <remarks>
/// <para>What holds, and where it is kept:</para>
/// <list type="number">
/// <item><b>Isolation.</b> A read of a snapshot returns exactly what the block held when the snapshot started
/// (<see cref="Preservation.CopyBeforeWrite"/>, <see cref="Reading.SnapshotReader"/>).</item>
/// <item><b>Source first.</b> Nothing that happens to a log fails a write to the source
/// (<see cref="Preservation.CopyBeforeWrite"/>).</item>
/// <item><b>Order.</b> A preserved version and its record are durable before the source block may change
/// (<see cref="LogVolume.WriteDurablyAsync"/>).</item>
/// <item><b>Flush means flush.</b> A completed flush or FUA write is on the source's medium
/// (<see cref="OriginDevice"/>).</item>
/// <item><b>Nothing of ours on the source.</b> Only the writes of the origin's users reach it (<see cref="OriginDevice"/>).</item>
/// <item><b>One owner.</b> Source and logs are opened for exclusive use, across processes (<see cref="DeviceStorage"/>).</item>
/// </list>
/// <para>Set-up, start, end and tear-down are serialised; all else may run at any time.</para>
/// </remarks>
public sealed class SnapDevice : IAsyncDisposable
{
    private readonly DeviceCore _core;
    private readonly SemaphoreSlim _operation = new(1, 1);
    private Snapshot? _snapshot;
    private long _epochs;
    private bool _tornDown;

    private SnapDevice(DeviceCore core, FileIdentity? sourceIdentity)
    {
        _core = core;
        SourceIdentity = sourceIdentity;
    }

    /// <summary>Raised when a snapshot could not be kept, on the thread that noticed; the handler must not block.</summary>
    public event EventHandler<SnapshotBrokenEventArgs>? SnapshotBroken;

    /// <summary>Its name.</summary>
    public string Name => _core.Name;

    /// <summary>The source's path.</summary>
    public string SourceName => _core.Source.Name;

    /// <summary>What the source's path named when it was opened; null for a source that is not a file or device.</summary>
    public FileIdentity? SourceIdentity { get; }

    /// <summary>The paths of the logs, in the order in which they fill.</summary>
    public IReadOnlyList<string> LogNames => _core.Logs.Names;

    /// <summary>The size of source, origin and snapshots in bytes.</summary>
    public long Size => _core.Source.Size;

    /// <summary>The unit of preservation in bytes.</summary>
    public int BlockSize => _core.BlockSize;

    /// <summary>The snapshot being kept, or the last one that broke and was not ended; else null.</summary>
    public Snapshot? Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>How many openers the origin has.</summary>
    public int OriginOpenCount => _core.OriginOpeners.Count;

    /// <summary>Whether the origin refuses writes.</summary>
    public bool IsReadOnly
    {
        get => _core.IsReadOnly;
        set => _core.IsReadOnly = value;
    }

    /// <summary>Whether it was torn down, in success or failure.</summary>
    public bool IsTornDown => Volatile.Read(ref _tornDown);

    /// <summary>Sets a device up from files and block devices, which it holds for exclusive use.</summary>
    /// <param name="options">Source, logs and block size; the name must be given.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used. Nothing is changed or left behind then.</exception>
    public static async Task<SnapDevice> SetUpAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default)
    {
        var name = options.Name ?? throw new EngineException(EngineError.InvalidName, "Give the device a name.");
        ThrowIfInvalid(name, options.BlockSize, options.Logs.Count);
        var storage = await DeviceStorage.OpenAsync(options).ConfigureAwait(false);
        try
        {
            var mayDiscard = options.Logs.Select(log => log.DiscardContent).ToList();
            return await SetUpAsync(name, storage.Source, storage.Logs, options.BlockSize, mayDiscard, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await storage.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sets a device up from block devices that are open already.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="source">What to protect. The device owns it once this call has succeeded.</param>
    /// <param name="logs">1 to <see cref="SnapDeviceOptions.MaxLogs"/> blank logs; owned likewise.</param>
    /// <param name="blockSize">The unit of preservation in bytes, as in <see cref="SnapDeviceOptions.BlockSize"/>.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used. Nothing is changed then.</exception>
    public static Task<SnapDevice> SetUpAsync(
        string name, IBlockDevice source, IReadOnlyList<IBlockDevice> logs, int blockSize, CancellationToken cancellationToken = default)
    {
        ThrowIfInvalid(name, blockSize, logs.Count);
        return SetUpAsync(name, source, logs, blockSize, [.. logs.Select(_ => false)], cancellationToken);
    }

    /// <summary>Opens the origin: reads and writes of the disk go through it. The caller disposes it.</summary>
    /// <exception cref="EngineException">The device was torn down.</exception>
    public IBlockDevice OpenOrigin()
    {
        ThrowIfTornDown();
        return new OriginDevice(_core);
    }

    /// <summary>
    /// Starts a snapshot: a sync point. Writes in flight are waited for, everything is flushed to the source, and from
    /// then on old blocks are preserved. New writes wait for that moment.
    /// </summary>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <exception cref="EngineException">A snapshot is being kept already, or the device was torn down.</exception>
    /// <exception cref="BlockDeviceException">The source could not be flushed; no snapshot is kept then.</exception>
    public async Task<Snapshot> StartSnapshotAsync(string name, CancellationToken cancellationToken = default)
    {
        DeviceName.ThrowIfInvalid(name, "snapshot");
        await _operation.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfTornDown();
            await MakeWayAsync().ConfigureAwait(false);
            // Most of the work of the flush is done before writers are held back, so that they wait less.
            await _core.Source.FlushAsync(cancellationToken).ConfigureAwait(false);
            var snapshot = new Snapshot(_core, name, ++_epochs, OnBroken);
            await BeginEpochAsync(snapshot).ConfigureAwait(false);
            Volatile.Write(ref _snapshot, snapshot);
            return snapshot;
        }
        finally
        {
            _operation.Release();
        }
    }

    /// <summary>Ends the snapshot: writes go straight to the source again, reads of the snapshot fail from now on, and the log is empty.</summary>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">No snapshot is being kept, or the device was torn down.</exception>
    public async Task EndSnapshotAsync(CancellationToken cancellationToken = default)
    {
        await _operation.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfTornDown();
            if (_snapshot is null)
            {
                throw new EngineException(
                    EngineError.SnapshotNotStarted, $"{Name}: no snapshot is being kept, so there is none to end.");
            }

            await EndEpochAsync(_snapshot).ConfigureAwait(false);
        }
        finally
        {
            _operation.Release();
        }
    }

    /// <summary>What the device has done so far.</summary>
    public SnapDeviceStatistics GetStatistics() => _core.Counters.Read(_core.Logs.Capacity, _core.Logs.Used);

    /// <summary>Tears the device down: ends its snapshot, flushes, and lets source and logs go.</summary>
    /// <param name="force">Whether to do so although someone has it open; their requests fail from now on.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">Someone has the origin or a snapshot open, or it was torn down already.</exception>
    /// <exception cref="BlockDeviceException">The source could not be flushed at last; all is let go nevertheless.</exception>
    public async Task TearDownAsync(bool force = false, CancellationToken cancellationToken = default)
    {
        await _operation.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfTornDown();
            if (!force)
                ThrowIfOpen();
            Volatile.Write(ref _tornDown, true);
            await LetGoAsync().ConfigureAwait(false);
        }
        finally
        {
            _operation.Release();
        }
    }

    /// <summary>Tears the device down by force, if that was not done yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await _operation.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_tornDown)
                return;
            Volatile.Write(ref _tornDown, true);
            await LetGoAsync().ConfigureAwait(false);
        }
        finally
        {
            _operation.Release();
        }
    }

    private static void ThrowIfInvalid(string name, int blockSize, int logCount)
    {
        DeviceName.ThrowIfInvalid(name, "device");
        if (blockSize is < SnapDeviceOptions.MinBlockSize or > SnapDeviceOptions.MaxBlockSize || !int.IsPow2(blockSize))
        {
            throw new EngineException(
                EngineError.InvalidBlockSize, $"{name}: a block size of {blockSize} bytes is not a power of two from 4096 to 1048576.");
        }

        if (logCount is < 1 or > SnapDeviceOptions.MaxLogs)
        {
            throw new EngineException(
                EngineError.InvalidLogCount, $"{name}: {logCount} logs were given; a device has 1 to {SnapDeviceOptions.MaxLogs}.");
        }
    }

    private static async Task<SnapDevice> SetUpAsync(
        string name,
        IBlockDevice source,
        IReadOnlyList<IBlockDevice> logs,
        int blockSize,
        List<bool> mayDiscard,
        CancellationToken cancellationToken)
    {
        RefuseSharedDevices(source, logs);
        RefuseOversize(source, logs);
        if (source.Size == 0)
            throw new EngineException(EngineError.EmptySource, $"{source.Name}: it has no bytes to protect. Name a disk image or device with content.");
        var generations = new ulong[logs.Count];
        for (var i = 0; i < logs.Count; i++)
            generations[i] = await LogVolume.InspectAsync(logs[i], blockSize, mayDiscard[i], cancellationToken).ConfigureAwait(false);

        // From the first log that is formatted on there is no turning back.
        cancellationToken.ThrowIfCancellationRequested();
        var shape = new LogSetShape(Guid.NewGuid(), blockSize, (ushort)logs.Count, source.Size);
        var volumes = new List<LogVolume>(logs.Count);
        for (var i = 0; i < logs.Count; i++)
            volumes.Add(await LogVolume.FormatAsync(logs[i], shape, (ushort)i, generations[i] + 1).ConfigureAwait(false));
        var core = new DeviceCore(name, source, new LogSet(shape, volumes), blockSize);
        return new SnapDevice(core, (source as FileBlockDevice)?.Identity) { IsReadOnly = source.IsReadOnly };
    }

    /// <summary>Whoever opened the devices may have opened one twice; by paths, <see cref="DeviceStorage"/> has seen to it.</summary>
    private static void RefuseSharedDevices(IBlockDevice source, IReadOnlyList<IBlockDevice> logs)
    {
        var seen = new HashSet<object> { Storage(source) };
        foreach (var log in logs)
        {
            if (!seen.Add(Storage(log)))
                throw new EngineException(EngineError.LogSharesStorage, $"{log.Name}: it is the source, or was named twice. Every log must be a device of its own.");
        }

        static object Storage(IBlockDevice device) => device is FileBlockDevice file ? file.Identity : device;
    }

    private static void RefuseOversize(IBlockDevice source, IReadOnlyList<IBlockDevice> logs)
    {
        const long LargestSource = 1L << 60;
        const long LargestLog = 1L << 49;
        foreach (var (device, limit) in logs.Select(log => (log, LargestLog)).Prepend((source, LargestSource)))
        {
            if (device.Size > limit)
                throw new EngineException(EngineError.TooLarge, $"{device.Name}: its {new ByteSize(device.Size)} are more than the {new ByteSize(limit)} that are supported.");
        }
    }

    /// <summary>A start is refused while a snapshot is kept; one that broke makes way.</summary>
    private async Task MakeWayAsync()
    {
        switch (_snapshot)
        {
            case null:
                return;
            case { State: SnapshotState.Active } active:
                throw new EngineException(
                    EngineError.SnapshotAlreadyStarted,
                    $"{active.FullName}: this snapshot is being kept already. End it before you start another.");
            default:
                await EndEpochAsync(_snapshot).ConfigureAwait(false);
                return;
        }
    }

    private async Task BeginEpochAsync(Snapshot snapshot)
    {
        await _core.Writes.CloseAsync().ConfigureAwait(false);
        try
        {
            await _core.Source.FlushAsync().ConfigureAwait(false);
            _core.Epoch = snapshot.Epoch;
        }
        finally
        {
            _core.Writes.Open();
        }
    }

    /// <remarks>Writers are out of the way before readers are turned away, and both before the log space is given back.</remarks>
    private async Task EndEpochAsync(Snapshot snapshot)
    {
        await _core.Writes.CloseAsync().ConfigureAwait(false);
        _core.Epoch = null;
        _core.Writes.Open();
        await snapshot.EndAsync().ConfigureAwait(false);
        _core.Logs.ReleaseSegments();
        Volatile.Write(ref _snapshot, null);
    }

    private async Task LetGoAsync()
    {
        var gone = TornDown();
        await _core.Writes.ShutAsync(gone).ConfigureAwait(false);
        _core.Epoch = null;
        if (_snapshot is not null)
            await _snapshot.EndAsync().ConfigureAwait(false);
        await _core.Reads.ShutAsync(gone).ConfigureAwait(false);
        try
        {
            if (!_core.Source.IsReadOnly)
                await _core.Source.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            await _core.Logs.DisposeAsync().ConfigureAwait(false);
            await _core.Source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void OnBroken(Snapshot snapshot) => SnapshotBroken?.Invoke(this, new SnapshotBrokenEventArgs(snapshot));

    private void ThrowIfOpen()
    {
        var origin = _core.OriginOpeners.Count;
        var snapshot = _snapshot?.OpenCount ?? 0;
        if (origin + snapshot > 0)
        {
            throw new EngineException(
                EngineError.DeviceInUse,
                $"{Name}: it is in use: its origin has {origin} opener(s), its snapshot {snapshot}. Detach them first, or force it.");
        }
    }

    private void ThrowIfTornDown()
    {
        if (_tornDown)
            throw TornDown();
    }

    private EngineException TornDown() => new(EngineError.DeviceTornDown, $"{Name}: the device was torn down.");
}
