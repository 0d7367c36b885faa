using SnapBackup.Kernel;
using SnapBackup.Kernel.Attaching;
using SnapBackup.Kernel.Mounting;

namespace SnapBackup.Control.Mounts;

/// <summary>
/// What this machine's kernel has of the devices of this process: origins as block devices, snapshots as mounted file systems. Disposing it takes
/// all of that away, also while it is in use; it comes before the exports end.
/// </summary>
/// <param name="registry">Where all of that is registered.</param>
internal sealed class AttachmentTable(AttachmentRegistry registry) : IAsyncDisposable
{
    /// <summary>One change at a time. Readers look at the lists, which are replaced as a whole.</summary>
    private readonly SemaphoreSlim _change = new(1, 1);
    private volatile IReadOnlyDictionary<string, Attachment> _origins = new Dictionary<string, Attachment>(StringComparer.Ordinal);
    private volatile IReadOnlyList<MountedSnapshot> _mounts = [];
    private int _isDisposed;

    /// <summary>Where attachments are registered.</summary>
    public AttachmentRegistry Registry => registry;

    /// <summary>The snapshots that are mounted.</summary>
    public IReadOnlyList<MountedSnapshot> Mounts => _mounts;

    /// <summary>The attached origin of a device; null when it is not attached.</summary>
    public Attachment? FindOrigin(string device) => _origins.GetValueOrDefault(device);

    /// <summary>Makes a block device of an origin.</summary>
    /// <exception cref="KernelException">It is attached already, or cannot be.</exception>
    public Task ConnectAsync(string device, ExportAddress export, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            if (FindOrigin(device) is { } there)
                throw new KernelException(KernelError.AlreadyAttached, $"{device}: it is attached already, as {there.BlockDevice}. Use that.");
            var attachment = await Attachment.AttachAsync(registry, export, cancellationToken).ConfigureAwait(false);
            _origins = new Dictionary<string, Attachment>(_origins, StringComparer.Ordinal) { [device] = attachment };
        },
        cancellationToken);

    /// <summary>Takes an origin's block device away.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="force">Whether to do so although it is mounted.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="KernelException">It is not attached, is mounted, or would not go.</exception>
    public Task DisconnectAsync(string device, bool force, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            var origin = FindOrigin(device) ?? throw new KernelException(KernelError.NotAttached, $"{device}: its origin is not attached to this machine.");
            if (!force && origin.MountPoints is [_, ..] mounted)
                throw new KernelException(KernelError.StillMounted, $"{device}: {origin.BlockDevice} is mounted on {string.Join(", ", mounted)}. Unmount it first, or force it.");
            await DetachAsync(device, origin).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Mounts a snapshot from its private, writable export.</summary>
    /// <exception cref="KernelException">It cannot be attached or mounted.</exception>
    public async Task<MountedSnapshot> MountAsync(
        string device, string snapshot, ExportAddress export, MountOptions options, CancellationToken cancellationToken)
    {
        MountedSnapshot? mounted = null;
        await ChangeAsync(
            async () =>
            {
                var fileSystem = await MountedFileSystem.MountAsync(registry, export, options, cancellationToken).ConfigureAwait(false);
                mounted = new MountedSnapshot(device, snapshot, fileSystem);
                _mounts = [.. _mounts, mounted];
            },
            cancellationToken).ConfigureAwait(false);
        return mounted!;
    }

    /// <summary>Unmounts what is selected, also while it is in use: nothing of it outlives its overlay anyway.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="KernelException">One would not go; it can be tried again.</exception>
    public async Task<int> DismountAsync(Func<MountedSnapshot, bool> selects, CancellationToken cancellationToken = default)
    {
        var count = 0;
        await ChangeAsync(
            async () =>
            {
                foreach (var mount in _mounts.Where(selects).Reverse().ToList())
                {
                    await mount.FileSystem.DisposeAsync().ConfigureAwait(false);
                    _mounts = [.. _mounts.Where(other => other != mount)];
                    count++;
                }
            },
            cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>Takes from the kernel all that it has of a device, because it goes.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="force">Whether to do so although something of it is attached or mounted.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="KernelException">Something is attached or mounted, or would not go.</exception>
    public async Task LeaveAsync(string device, bool force, CancellationToken cancellationToken)
    {
        if (!force)
        {
            ThrowIfKept(device);
            return;
        }

        await DismountAsync(mount => mount.IsOf(device), cancellationToken).ConfigureAwait(false);
        if (FindOrigin(device) is not null)
            await DisconnectAsync(device, force, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        try
        {
            await DismountAsync(_ => true).ConfigureAwait(false);
        }
        finally
        {
            await ChangeAsync(
                async () =>
                {
                    foreach (var (device, origin) in _origins.ToList())
                        await DetachAsync(device, origin).ConfigureAwait(false);
                },
                CancellationToken.None).ConfigureAwait(false);
            _change.Dispose();
        }
    }

    private void ThrowIfKept(string device)
    {
        if (_mounts.FirstOrDefault(mount => mount.IsOf(device)) is { } mount)
            throw new KernelException(KernelError.StillMounted, $"{device}@{mount.Snapshot}: it is mounted on {mount.FileSystem.Path}. Unmount it first, or force it.");
        if (FindOrigin(device) is { } origin)
            throw new KernelException(KernelError.StillAttached, $"{device}: its origin is attached as {origin.BlockDevice}. Detach it first, or force it.");
    }

    private async Task DetachAsync(string device, Attachment origin)
    {
        await origin.DisposeAsync().ConfigureAwait(false);
        _origins = _origins.Where(pair => !pair.Key.Equals(device, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
    }

    private async Task ChangeAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        finally
        {
            _change.Release();
        }
    }
}
