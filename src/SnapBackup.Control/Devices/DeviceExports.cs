using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Nbd;

namespace SnapBackup.Control.Devices;

/// <summary>
/// The exports of a table of devices: each origin under the device's name, each snapshot that can be read as <c>device@snapshot</c>. Device
/// names cannot contain an @, so a name is never ambiguous.
/// </summary>
internal sealed class DeviceExports(SnapDeviceTable devices) : INbdExports
{
    private const char SnapshotMark = '@';

    public IReadOnlyList<NbdExport> List()
    {
        var exports = new List<NbdExport>();
        foreach (var device in devices.Devices)
        {
            exports.Add(new NbdExport(device.Name, $"origin of {device.SourceName}"));
            exports.AddRange(device.Snapshots
                .Where(snapshot => snapshot is { State: SnapshotState.Active, IsUnconfirmed: false })
                .Select(snapshot => new NbdExport(snapshot.FullName, $"snapshot of {device.SourceName}")));
        }

        return exports;
    }

    public IBlockDevice? TryOpen(string name)
    {
        var mark = name.IndexOf(SnapshotMark, StringComparison.Ordinal);
        if (mark < 0)
            return devices.Find(name)?.OpenOrigin();
        return devices.Find(name[..mark])?.FindSnapshot(name[(mark + 1)..])?.Open();
    }
}
