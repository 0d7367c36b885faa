using System.Net;
using SnapBackup.Blocks;
using SnapBackup.Control.Mounts;
using SnapBackup.Engine;
using SnapBackup.Kernel;
using SnapBackup.Kernel.Attaching;
using SnapBackup.Nbd;

namespace SnapBackup.Control.Devices;

/// <summary>
/// The snap devices of this process, served over NBD from the first one on. Disposing it takes from the kernel what it has of them, stops the
/// server and lets all devices go; their snapshots stay on their logs.
/// </summary>
public sealed class DeviceControl : IAsyncDisposable
{
    private readonly DeviceExports _exports;
    private readonly string _socketPath;
    private readonly NbdServerOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Guards the servers' coming and going.</summary>
    private readonly Lock _lock = new();
    private NbdServer? _server;
    private NbdServer? _tcpServer;

    internal DeviceControl(string socketPath, NbdServerOptions options, TimeProvider time, AttachmentRegistry registry)
    {
        _socketPath = socketPath;
        _options = options;
        _time = time;
        _exports = new DeviceExports(Table);
        Attachments = new AttachmentTable(registry);
    }

    /// <summary>What time it is.</summary>
    internal TimeProvider Time => _time;

    /// <summary>The devices themselves, which runs of the same process share.</summary>
    internal SnapDeviceTable Table { get; } = new();

    /// <summary>What this machine's kernel has of them.</summary>
    internal AttachmentTable Attachments { get; }

    /// <summary>Opens a device again whose logs keep snapshots or bookmarks, else sets it up, and serves it.</summary>
    /// <param name="options">What from.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used; nothing is left then.</exception>
    public async Task<SnapDeviceInfo> AttachAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default)
    {
        Serve();
        return Describe(await Table.AttachAsync(options with { Clock = _time }, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Tells what <see cref="AttachAsync"/> would do. Nothing is changed.</summary>
    /// <param name="options">What from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used.</exception>
    public Task<AttachPlan> PlanAttachAsync(SnapDeviceOptions options, CancellationToken cancellationToken = default) =>
        Table.PlanAttachAsync(options, cancellationToken);

    /// <summary>All devices, by name.</summary>
    public IReadOnlyList<SnapDeviceInfo> List() => [.. Table.Devices.Select(Describe)];

    /// <summary>The device of that name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="EngineException"><see cref="EngineError.DeviceNotFound"/>.</exception>
    public SnapDeviceInfo Get(string name) => Describe(Table.Get(name));

    /// <summary>Tears a device down: its snapshots are ended, its bookmarks gone.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">Whether to do so although someone has it open.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">There is none of that name, or it is in use.</exception>
    public async Task RemoveAsync(string name, bool force = false, CancellationToken cancellationToken = default)
    {
        await Attachments.LeaveAsync(name, force, cancellationToken).ConfigureAwait(false);
        await Table.TearDownAsync(name, force, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets a device go; its snapshots and bookmarks stay on its logs, for the next <see cref="AttachAsync"/>.</summary>
    /// <inheritdoc cref="RemoveAsync" path="/param"/>
    /// <inheritdoc cref="RemoveAsync" path="/exception"/>
    public async Task ReleaseAsync(string name, bool force = false, CancellationToken cancellationToken = default)
    {
        await Attachments.LeaveAsync(name, force, cancellationToken).ConfigureAwait(false);
        await Table.ReleaseAsync(name, force, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a block device of this machine of a device's origin.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <exception cref="SnapBackupException">There is no such device, or it cannot be attached or is so already.</exception>
    public async Task<SnapDeviceInfo> ConnectAsync(string name, CancellationToken cancellationToken = default)
    {
        var device = Table.Get(name);
        await Attachments.ConnectAsync(name, AddressOf(name), cancellationToken).ConfigureAwait(false);
        return Describe(device);
    }

    /// <summary>Takes the block device away that a device's origin is.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="force">Whether to do so although it is mounted: it is unmounted then, also under its users.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">There is no such device, it is not attached, or it is mounted.</exception>
    public Task DisconnectAsync(string name, bool force = false, CancellationToken cancellationToken = default) =>
        Attachments.DisconnectAsync(Table.Get(name).Name, force, cancellationToken);

    /// <summary>Unmounts and detaches what processes have left in the kernel that were killed.</summary>
    /// <returns>Why something could not be undone; it is tried again the next time. Mostly nothing.</returns>
    public Task<IReadOnlyList<KernelException>> CleanUpAsync() => Attachment.CleanUpAsync(Attachments.Registry);

    /// <summary>Adds a log to a device while it is in use. Writes that wait for room go on.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="log">The log; it is created if it does not exist and a size is given.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">There is no such device, or the log cannot be used. The device goes on without it.</exception>
    public async Task<SnapDeviceInfo> AddLogAsync(string name, LogOptions log, CancellationToken cancellationToken = default)
    {
        var device = Table.Get(name);
        await device.AddLogAsync(log, cancellationToken).ConfigureAwait(false);
        return Describe(device);
    }

    /// <summary>Tells what would be lost if a log were added to a device. Nothing is changed.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="log">The log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it keeps; null when it keeps nothing or is not there yet.</returns>
    /// <exception cref="SnapBackupException">There is no such device, or the log cannot be used.</exception>
    public Task<LostContent?> PlanAddLogAsync(string name, LogOptions log, CancellationToken cancellationToken = default) =>
        Table.Get(name).PlanAddLogAsync(log, cancellationToken);

    /// <summary>Reads everything on a device's logs and verifies it, while the device is used. Nothing is changed.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">There is no such device, or it was torn down meanwhile.</exception>
    public async Task<SnapDeviceReport> CheckAsync(string name, IProgress<CheckProgress>? progress = null, CancellationToken cancellationToken = default) =>
        SnapDeviceReport.Of(name, await Table.Get(name).CheckAsync(progress, cancellationToken).ConfigureAwait(false));

    /// <summary>Opens a device's origin for a user of the disk in this process; others attach to its URI.</summary>
    /// <param name="name">The device's name.</param>
    /// <returns>The writable face of the disk; the caller disposes it.</returns>
    /// <exception cref="EngineException"><see cref="EngineError.DeviceNotFound"/>.</exception>
    public IBlockDevice OpenOrigin(string name) => Table.Get(name).OpenOrigin();

    /// <summary>Serves what there is and what will be, if that is not done yet.</summary>
    /// <exception cref="NbdException">The socket cannot be used.</exception>
    public void Serve()
    {
        lock (_lock)
            _server ??= NbdServer.Listen(_socketPath, _exports, _options);
    }

    /// <summary>Serves the same over TCP too; to be called once.</summary>
    /// <param name="address">The address and port; one that other machines reach needs TLS that checks the clients' certificates.</param>
    /// <param name="tls">How to speak TLS; null to do without.</param>
    /// <returns>Where it listens: with the port that was free, if that was left open.</returns>
    /// <exception cref="NbdException">The address cannot be used, or not without TLS.</exception>
    public EndPoint ServeOnTcp(IPEndPoint address, NbdTls? tls)
    {
        lock (_lock)
            return (_tcpServer ??= NbdServer.Listen(address, _exports, _options with { Tls = tls })).EndPoint;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Attachments.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            NbdServer?[] servers;
            lock (_lock)
            {
                servers = [_server, _tcpServer];
                (_server, _tcpServer) = (null, null);
            }

            await Task.WhenAll(servers.OfType<NbdServer>().Select(server => server.DisposeAsync().AsTask())).ConfigureAwait(false);
            await Table.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Where an export is reached.</summary>
    internal ExportAddress AddressOf(string export) => new(_socketPath, export);

    private SnapDeviceInfo Describe(SnapDevice device) => SnapDeviceInfo.Of(
        device, AddressOf(device.Name).Uri, Attachments.FindOrigin(device.Name)?.BlockDevice, _time.GetUtcNow());
}
