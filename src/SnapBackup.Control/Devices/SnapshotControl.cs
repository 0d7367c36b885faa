using System.Runtime.CompilerServices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>The snapshots and bookmarks of the devices of this process.</summary>
public sealed class SnapshotControl
{
    private readonly DeviceControl _devices;
    private readonly TimeProvider _time;

    /// <summary>When each snapshot started, for as long as there is one; the engine knows no clock.</summary>
    private readonly ConditionalWeakTable<Snapshot, object> _frozen = [];

    internal SnapshotControl(DeviceControl devices, TimeProvider time)
    {
        _devices = devices;
        _time = time;
    }

    /// <summary>Starts a snapshot and serves it.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <exception cref="EngineException">There is no such device, the name is taken, or no log works.</exception>
    public async Task<SnapshotInfo> StartAsync(string device, string name, CancellationToken cancellationToken = default)
    {
        var found = _devices.Table.Get(device);
        var snapshot = await found.StartSnapshotAsync(name, cancellationToken).ConfigureAwait(false);
        _frozen.Add(snapshot, _time.GetUtcNow());
        return Describe(found, snapshot);
    }

    /// <summary>Ends a snapshot, whose readers get errors from then on, or forgets a bookmark.</summary>
    /// <param name="device">The device's name.</param>
    /// <param name="name">The name of the snapshot or bookmark; null for the only snapshot there is.</param>
    /// <param name="keepChanges">Whether a bookmark of the snapshot stays, from which on changes are known. A bookmark is refused then.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="EngineException">There is no such device, or none of that name.</exception>
    /// <exception cref="ControlException">There are several snapshots, and none was named.</exception>
    public Task EndAsync(string device, string? name = null, bool keepChanges = false, CancellationToken cancellationToken = default)
    {
        var found = _devices.Table.Get(device);
        return !keepChanges && FindBookmark(found, name) is { } bookmark
            ? found.ForgetBookmarkAsync(bookmark.Name, cancellationToken)
            : found.EndSnapshotAsync(Select(found, name).Name, keepChanges, cancellationToken);
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

    /// <summary>When a snapshot started; null when it was not started here.</summary>
    internal DateTimeOffset? FrozenAt(Snapshot snapshot) => _frozen.TryGetValue(snapshot, out var time) ? (DateTimeOffset)time : null;

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
        SnapshotInfo.Of(device, snapshot, _devices.UriOf(snapshot.FullName));
}
