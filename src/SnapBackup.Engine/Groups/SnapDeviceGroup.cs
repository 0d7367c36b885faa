using SnapBackup.Engine.Groups;

namespace SnapBackup.Engine;

/// <summary>
/// Snapshots of several devices at one instant, for what is spread over several disks: a database and its journal, a volume group.
/// </summary>
public static class SnapDeviceGroup
{
    /// <summary>
    /// Starts a snapshot on several devices at one instant: what was acknowledged on any of them before is in, and no write is in that was issued
    /// after one that is not, on whichever device. After a crash all devices have it or none. Each is ended for itself.
    /// </summary>
    /// <param name="devices">The devices, each once.</param>
    /// <param name="name">The snapshots' name, on all devices the same.</param>
    /// <param name="cancellationToken">Gives up before writes are held back.</param>
    /// <returns>The snapshots in the order of the devices; their <see cref="Snapshot.Group"/> is the same.</returns>
    /// <exception cref="EngineException">
    /// A device cannot start it, or failed (<see cref="EngineError.GroupStartFailed"/>, which names it). No device keeps a snapshot then.
    /// </exception>
    public static async Task<IReadOnlyList<Snapshot>> StartSnapshotAsync(
        IReadOnlyList<SnapDevice> devices, string name, CancellationToken cancellationToken = default)
    {
        if (devices.Count == 0)
            throw new EngineException(EngineError.InvalidGroup, $"'{name}': no device was named. Name those that are to have the snapshot.");
        if (devices.GroupBy(device => device).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
            throw new EngineException(EngineError.InvalidGroup, $"'{name}': the device {twice.Key.Name} was named more than once. Name each once.");
        using var held = await HeldDevices.HoldAsync(devices, cancellationToken).ConfigureAwait(false);
        foreach (var device in held.Devices)
            device.ThrowIfTornDown();
        await GroupStart.RunAsync([.. held.Devices.Select(device => device.Core)], name, cancellationToken).ConfigureAwait(false);
        return [.. devices.Select(device => device.GetSnapshot(name))];
    }

    /// <summary>
    /// Decides what becomes of snapshots that are not confirmed, because a crash came while their group was started: all devices keep theirs, or none
    /// does. What devices that are not given must tell stays undecided. <see cref="SnapDeviceTable"/> does it for its devices.
    /// </summary>
    /// <param name="devices">Devices that are open, which may belong to any groups or none.</param>
    public static Task ResolveAsync(IReadOnlyList<SnapDevice> devices) => GroupResolution.RunAsync(devices);
}
