using System.Globalization;
using SnapBackup.Blocks;
using SnapBackup.Control.Mounts;
using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>The snapshots and bookmarks of the devices of this process.</summary>
public sealed class SnapshotControl
{
    private readonly DeviceControl _devices;
    private readonly OriginFreezer _freezer;

    internal SnapshotControl(DeviceControl devices, OriginFreezer freezer)
    {
        _devices = devices;
        _freezer = freezer;
    }

    /// <summary>A name for a snapshot that is free on some devices: the time in UTC to the second, and a number when that is taken.</summary>
    /// <param name="devices">The devices' names.</param>
    /// <exception cref="EngineException"><see cref="EngineError.DeviceNotFound"/>.</exception>
    public string SuggestName(IReadOnlyList<string> devices)
    {
        var taken = devices.Select(_devices.Table.Get)
            .SelectMany(device => device.Snapshots.Select(snapshot => snapshot.Name).Concat(device.Bookmarks.Select(bookmark => bookmark.Name)))
            .ToHashSet(StringComparer.Ordinal);
        var time = _devices.Time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = time;
        for (var number = 2; taken.Contains(name); number++)
            name = $"{time}-{number}";
        return name;
    }

    /// <summary>Refuses a snapshot that could not be started now, without beginning.</summary>
    /// <param name="devices">The devices' names.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <exception cref="EngineException">A device is not there, or cannot start it.</exception>
    public void ThrowIfCannotStart(IReadOnlyList<string> devices, string name)
    {
        foreach (var device in devices.Select(_devices.Table.Get).ToList())
            device.ThrowIfCannotStart(name);
    }

    /// <summary>Starts a snapshot and serves it. What is mounted from the attached origin is held still meanwhile.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="freeze">How; as usual when left out.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <exception cref="SnapBackupException">
    /// There is no such device, the name is taken, no log works, or what is mounted cannot be frozen or stay so; there is no snapshot then.
    /// </exception>
    public async Task<SnapshotInfo> StartAsync(string device, string name, FreezeOptions? freeze = null, CancellationToken cancellationToken = default)
    {
        var found = _devices.Table.Get(device);
        return Describe(found, await _freezer.RunAsync(
            [found],
            freeze ?? FreezeOptions.Usual,
            token => found.StartSnapshotAsync(name, token),
            _ => found.EndSnapshotAsync(name, cancellationToken: CancellationToken.None),
            cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Starts a snapshot on several devices at one instant: all have it or, after a failure or a crash, none. Each is ended for itself. What is mounted
    /// from their attached origins is held still meanwhile.
    /// </summary>
    /// <param name="devices">The devices' names, each once.</param>
    /// <param name="name">The snapshots' name.</param>
    /// <param name="freeze">How; as usual when left out.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <returns>The snapshots in the order of the devices.</returns>
    /// <exception cref="SnapBackupException">
    /// A device is not there or was named twice, cannot start it, or failed, or what is mounted cannot be frozen or stay so; there is no snapshot then.
    /// </exception>
    public async Task<IReadOnlyList<SnapshotInfo>> StartGroupAsync(
        IReadOnlyList<string> devices, string name, FreezeOptions? freeze = null, CancellationToken cancellationToken = default)
    {
        List<SnapDevice> found = [.. devices.Select(_devices.Table.Get)];
        var snapshots = await _freezer.RunAsync(
            found,
            freeze ?? FreezeOptions.Usual,
            token => SnapDeviceGroup.StartSnapshotAsync(found, name, token),
            _ => Task.WhenAll(found.Select(device => device.EndSnapshotAsync(name, cancellationToken: CancellationToken.None))),
            cancellationToken).ConfigureAwait(false);
        return [.. found.Zip(snapshots, Describe)];
    }

    /// <summary>
    /// Rolls a device's source back to a snapshot. That one and all others stay as they are. If it fails once the source is being written,
    /// the origin is closed and it can be called again.
    /// </summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="force">Whether to do so although the origin is open, or the snapshot lacks what the source could not read.</param>
    /// <param name="progress">Told how many bytes have been written back; null for nobody.</param>
    /// <param name="cancellationToken">Gives up before the source is changed; from then on it is finished.</param>
    /// <exception cref="SnapBackupException">It is refused and nothing is changed, or <see cref="EngineError.RollbackIncomplete"/>.</exception>
    public async Task<SnapRollbackReport> RollBackAsync(
        string device, string name, bool force = false, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        SnapRollbackReport.Of(device, name, await _devices.Table.Get(device).RollBackAsync(name, force, progress, cancellationToken).ConfigureAwait(false));

    /// <summary>Abandons a rollback that is not finished: the source stays as it is, partly rolled back. Without one it does nothing.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is no such device, or no log takes the note.</exception>
    public Task AbandonRollbackAsync(string device, CancellationToken cancellationToken = default) =>
        _devices.Table.Get(device).AbandonRollbackAsync(cancellationToken);

    /// <summary>Ends a snapshot, which is unmounted and whose readers get errors from then on, or forgets a bookmark.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The name of the snapshot or bookmark; null for the only snapshot there is.</param>
    /// <param name="keepChanges">Whether a bookmark of the snapshot stays, from which on changes are known. A bookmark is refused then.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is no such device, or none of that name.</exception>
    /// <exception cref="ControlException">There are several snapshots, and none was named.</exception>
    public async Task EndAsync(string device, string? name = null, bool keepChanges = false, CancellationToken cancellationToken = default)
    {
        var found = _devices.Table.Get(device);
        if (!keepChanges && FindBookmark(found, name) is { } bookmark)
        {
            await found.ForgetBookmarkAsync(bookmark.Name, cancellationToken).ConfigureAwait(false);
            return;
        }

        var snapshot = Select(found, name).Name;
        await _devices.Attachments.DismountAsync(mount => mount.IsOf(device, snapshot), cancellationToken).ConfigureAwait(false);
        await found.EndSnapshotAsync(snapshot, keepChanges, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A snapshot or bookmark.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">Its name; null for the only snapshot there is.</param>
    /// <exception cref="EngineException">There is no such device, or none of that name.</exception>
    /// <exception cref="ControlException">There are several snapshots, and none was named.</exception>
    public SnapshotInfo Get(string device, string? name = null)
    {
        var found = _devices.Table.Get(device);
        return FindBookmark(found, name) is { } bookmark ? SnapshotInfo.Of(found, bookmark) : Describe(found, Select(found, name));
    }

    /// <summary>A snapshot; a bookmark is none.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <exception cref="EngineException">There is no such device, or no snapshot of that name.</exception>
    public SnapshotInfo GetSnapshot(string device, string name)
    {
        var found = _devices.Table.Get(device);
        return Describe(found, found.GetSnapshot(name));
    }

    /// <summary>The snapshots being kept, and broken ones that were not ended; those of a device in the order in which they started.</summary>
    public IReadOnlyList<SnapshotInfo> List() =>
        [.. _devices.Table.Devices.SelectMany(device => device.Snapshots.Select(snapshot => Describe(device, snapshot)))];

    /// <summary>The bookmarks.</summary>
    public IReadOnlyList<SnapshotInfo> ListBookmarks() =>
        [.. _devices.Table.Devices.SelectMany(device => device.Bookmarks.Select(bookmark => SnapshotInfo.Of(device, bookmark)))];

    /// <summary>Tells what has changed between two points in time: every byte that differs is inside, and perhaps some that do not.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="from">The name of a snapshot or bookmark.</param>
    /// <param name="to">The name of a later one; null for now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">There is no such device or point, they are in the wrong order, or changes since the first are lost.</exception>
    public Task<IReadOnlyList<ChangedRange>> CompareAsync(
        string device, string from, string? to = null, CancellationToken cancellationToken = default) =>
        _devices.Table.Get(device).CompareAsync(from, to, cancellationToken);

    /// <summary>The snapshot of a device that is meant.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    internal Snapshot Select(string device, string? name) => Select(_devices.Table.Get(device), name);

    private static Snapshot Select(SnapDevice device, string? name)
    {
        if (name is not null)
            return device.GetSnapshot(name);
        return device.Snapshots switch
        {
            [var only] => only,
            [] => throw new EngineException(EngineError.SnapshotNotStarted, $"{device.Name}: no snapshot is being kept. Start one first."),
            var several => throw new ControlException(
                ControlError.SnapshotNotNamed,
                $"{device.Name}: it keeps {several.Count} snapshots: {string.Join(", ", several.Select(snapshot => snapshot.Name))}. Name the one that is meant."),
        };
    }

    private static Bookmark? FindBookmark(SnapDevice device, string? name) =>
        device.Bookmarks.FirstOrDefault(bookmark => bookmark.Name.Equals(name, StringComparison.Ordinal));

    private SnapshotInfo Describe(SnapDevice device, Snapshot snapshot) =>
        SnapshotInfo.Of(device, snapshot, _devices.AddressOf(snapshot.FullName).Uri, MountPointsOf(snapshot.Name, device.Name));

    private IReadOnlyList<string> MountPointsOf(string snapshot, string device) =>
        [.. _devices.Attachments.Mounts.Where(mount => mount.IsOf(device, snapshot)).Select(mount => mount.FileSystem.Path)];
}
