using SnapBackup.Blocks;
using SnapBackup.Control.Devices;
using SnapBackup.Kernel;
using SnapBackup.Kernel.Mounting;

namespace SnapBackup.Control.Mounts;

/// <summary>
/// The snapshots of this process that are mounted on this machine. Each is mounted from a private, writable copy, so that a journal is replayed and
/// an identity changed without touching anything; it can be mounted while its origin is.
/// </summary>
public sealed class MountControl
{
    private readonly DeviceControl _devices;
    private readonly SnapshotControl _snapshots;

    internal MountControl(DeviceControl devices, SnapshotControl snapshots)
    {
        _devices = devices;
        _snapshots = snapshots;
    }

    private AttachmentTable Table => _devices.Attachments;

    /// <summary>What is mounted, in the order in which it was.</summary>
    public IReadOnlyList<SnapshotMountInfo> List() => [.. Table.Mounts.Select(SnapshotMountInfo.Of)];

    /// <summary>Where a snapshot is mounted when no folder is named.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name; null for the only one there is.</param>
    /// <param name="partition">The number of the partition; null for none.</param>
    /// <exception cref="SnapBackupException">There is no such snapshot.</exception>
    public string SuggestPath(string device, string? name, int? partition) =>
        Table.Registry.MountPointOf(_snapshots.Select(device, name).FullName + (partition is null ? "" : $"+p{partition}"));

    /// <summary>Refuses what could not be mounted now, without beginning.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name; null for the only one there is.</param>
    /// <param name="options">How.</param>
    /// <exception cref="SnapBackupException">There is no such snapshot, it has no content, or the path is in use.</exception>
    public async Task ThrowIfCannotMountAsync(string device, string? name, MountOptions options)
    {
        // What the NBD client could not say: why it cannot be opened.
        await _snapshots.Select(device, name).OpenWritable().DisposeAsync().ConfigureAwait(false);
        options.ThrowIfPathInUse();
    }

    /// <summary>Mounts a file system of a snapshot.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name; null for the only one there is.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <exception cref="SnapBackupException">There is no such snapshot, or it cannot be mounted; nothing is left then.</exception>
    public async Task<SnapshotMountInfo> MountAsync(string device, string? name, MountOptions options, CancellationToken cancellationToken = default)
    {
        await ThrowIfCannotMountAsync(device, name, options).ConfigureAwait(false);
        var snapshot = _snapshots.Select(device, name);
        var export = _devices.AddressOf(snapshot.FullName + DeviceExports.WritableMark);
        return SnapshotMountInfo.Of(await Table.MountAsync(device, snapshot.Name, export, options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What of a snapshot is mounted.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name; null for all of the device.</param>
    /// <exception cref="KernelException"><see cref="KernelError.NotMounted"/>.</exception>
    public IReadOnlyList<SnapshotMountInfo> Get(string device, string? name = null) =>
        List().Where(mount => mount.Device.Equals(device, StringComparison.Ordinal) && (name is null || mount.Snapshot.Equals(name, StringComparison.Ordinal))).ToList() is [_, ..] found
            ? found
            : throw new KernelException(KernelError.NotMounted, $"{device}{(name is null ? ": no snapshot of it" : $"@{name}: it")} is not mounted by this session. Look what is (findmnt).");

    /// <summary>What is mounted at a path.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="KernelException"><see cref="KernelError.NotMounted"/>.</exception>
    public SnapshotMountInfo GetAt(string path) =>
        List().FirstOrDefault(mount => mount.Path.Equals(Trim(path), StringComparison.Ordinal))
            ?? throw new KernelException(KernelError.NotMounted, $"{path}: no snapshot is mounted there by this session. Look what is (findmnt).");

    /// <summary>Unmounts at a path, also while it is in use; what was written to it is gone.</summary>
    /// <param name="path">Where it is mounted.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="KernelException">Nothing of ours is mounted there, or it would not go.</exception>
    public async Task DismountAsync(string path, CancellationToken cancellationToken = default)
    {
        var mounted = GetAt(path).Path;
        await Table.DismountAsync(mount => mount.FileSystem.Path.Equals(mounted, StringComparison.Ordinal), cancellationToken).ConfigureAwait(false);
    }

    private static string Trim(string path) => Path.TrimEndingDirectorySeparator(path);
}
