using System.Runtime.CompilerServices;
using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Nbd;

namespace SnapBackup.Control.Devices;

/// <summary>
/// The snap devices of this process, served over NBD from the first one on. Disposing it stops the server and tears down
/// all devices.
/// </summary>
public sealed class DeviceControl : IAsyncDisposable
{
    private readonly DeviceExports _exports;
    private readonly string _socketPath;
    private readonly NbdServerOptions _options;
    private readonly TimeProvider _time;

    /// <summary>When each snapshot started, for as long as there is one; the engine knows no clock.</summary>
    private readonly ConditionalWeakTable<Snapshot, object> _frozen = [];

    /// <summary>Guards the server's coming and going.</summary>
    private readonly Lock _lock = new();
    private NbdServer? _server;

    internal DeviceControl(string socketPath, NbdServerOptions options, TimeProvider time)
    {
        _time = time;
        _socketPath = socketPath;
        _options = options;
        _exports = new DeviceExports(Table);
    }

    /// <summary>The devices themselves, which runs of the same process share.</summary>
    internal SnapDeviceTable Table { get; } = new();

    /// <summary>Sets a device up and serves its origin.</summary>
    /// <param name="options">What from.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used; nothing is left then.</exception>
    public async Task<SnapDeviceInfo> CreateAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default)
    {
        Serve();
        return Describe(await Table.SetUpAsync(options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>All devices, by name.</summary>
    public IReadOnlyList<SnapDeviceInfo> List() => [.. Table.Devices.Select(Describe)];

    /// <summary>The device of that name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="EngineException"><see cref="EngineError.DeviceNotFound"/>.</exception>
    public SnapDeviceInfo Get(string name) => Describe(Table.Get(name));

    /// <summary>Tears a device down.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether to do so although someone has it open.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is none of that name, or it is in use.</exception>
    public Task RemoveAsync(string name, bool force = false, CancellationToken cancellationToken = default) =>
        Table.TearDownAsync(name, force, cancellationToken);

    /// <summary>Opens a device's origin for a user of the disk in this process; others attach to its URI.</summary>
    /// <param name="name">The device's name.</param>
    /// <returns>The writable face of the disk; the caller disposes it.</returns>
    /// <exception cref="EngineException"><see cref="EngineError.DeviceNotFound"/>.</exception>
    public IBlockDevice OpenOrigin(string name) => Table.Get(name).OpenOrigin();

    /// <summary>Starts a snapshot and serves it.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <exception cref="EngineException">There is no such device, or it keeps a snapshot already.</exception>
    public async Task<SnapshotInfo> StartSnapshotAsync(string device, string name, CancellationToken cancellationToken = default)
    {
        var found = Table.Get(device);
        var snapshot = await found.StartSnapshotAsync(name, cancellationToken).ConfigureAwait(false);
        _frozen.Add(snapshot, _time.GetUtcNow());
        return Describe(found, snapshot);
    }

    /// <summary>Ends a device's snapshot; its readers get errors from then on.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is no such device, or it keeps no snapshot.</exception>
    public Task EndSnapshotAsync(string device, CancellationToken cancellationToken = default) =>
        Table.Get(device).EndSnapshotAsync(cancellationToken);

    /// <summary>The snapshots being kept, and broken ones that were not ended.</summary>
    public IReadOnlyList<SnapshotInfo> ListSnapshots() =>
    [
        .. Table.Devices
            .Select(device => (Device: device, device.Snapshot))
            .Where(kept => kept.Snapshot is not null)
            .Select(kept => Describe(kept.Device, kept.Snapshot!)),
    ];

    /// <summary>When a snapshot started; null when it was not started here.</summary>
    internal DateTimeOffset? FrozenAt(Snapshot snapshot) => _frozen.TryGetValue(snapshot, out var time) ? (DateTimeOffset)time : null;

    /// <summary>Serves what there is and what will be, if that is not done yet.</summary>
    /// <exception cref="NbdException">The socket cannot be used.</exception>
    public void Serve()
    {
        lock (_lock)
            _server ??= NbdServer.Listen(_socketPath, _exports, _options);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NbdServer? server;
        lock (_lock)
        {
            server = _server;
            _server = null;
        }

        if (server is not null)
            await server.DisposeAsync().ConfigureAwait(false);
        await Table.DisposeAsync().ConfigureAwait(false);
    }

    private SnapDeviceInfo Describe(SnapDevice device) => SnapDeviceInfo.Of(device, UriOf(device.Name));

    private SnapshotInfo Describe(SnapDevice device, Snapshot snapshot) => SnapshotInfo.Of(device, snapshot, UriOf(snapshot.FullName));

    /// <summary>As the NBD URI specification writes it.</summary>
    private string UriOf(string export) => $"nbd+unix:///{export}?socket={_socketPath}";
}
