using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Nbd;

namespace SnapBackup.Control.Devices;

/// <summary>
/// The exports of a table of devices: each origin under the device's name, each snapshot that can be read as <c>device@snapshot</c>, and,
/// not listed, <c>device@snapshot+rw</c>: a writable copy of the snapshot for each connection, which is gone when it ends. Names cannot contain an @ or
/// a +, so an export is never ambiguous.
/// </summary>
internal sealed class DeviceExports(SnapDeviceTable devices) : INbdExports
{
    /// <summary>What the name of a private, writable copy ends in.</summary>
    public const string WritableMark = "+rw";

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
        var device = devices.Find(name[..mark]);
        return name.EndsWith(WritableMark, StringComparison.Ordinal)
            ? device?.FindSnapshot(name[(mark + 1)..^WritableMark.Length])?.OpenWritable()
            : device?.FindSnapshot(name[(mark + 1)..])?.Open();
    }
}
