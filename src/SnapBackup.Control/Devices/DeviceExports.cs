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
        if (ParsePrivate(name) is { } copied)
            return copied.OpenWritable();
        var (device, snapshot) = Parse(name);
        return snapshot is null ? device?.OpenOrigin() : device?.FindSnapshot(snapshot)?.Open();
    }

    public IReadOnlyList<string>? ListPoints(string export)
    {
        if (ParsePrivate(export) is not null)
            return []; // What its user has changed is known to nobody.
        var (device, snapshot) = Parse(export);
        return snapshot is null || device?.FindSnapshot(snapshot) is not null ? device?.ListComparable(snapshot) : null;
    }

    public IReadOnlyList<NbdChange> GetChanges(string export, string point)
    {
        var (device, snapshot) = Parse(export);
        if (device is null)
            return [];
        var changes = device.CompareAsync(point, snapshot).GetAwaiter().GetResult();
        return [.. changes.Select(range => new NbdChange(range.Offset, range.Length))];
    }

    /// <summary>The snapshot that a private, writable copy is asked of; null for another export.</summary>
    private Snapshot? ParsePrivate(string export)
    {
        if (!export.EndsWith(WritableMark, StringComparison.Ordinal))
            return null;
        var (device, snapshot) = Parse(export[..^WritableMark.Length]);
        return snapshot is null ? null : device?.FindSnapshot(snapshot);
    }

    private (SnapDevice? Device, string? Snapshot) Parse(string export)
    {
        var mark = export.IndexOf(SnapshotMark, StringComparison.Ordinal);
        return mark < 0 ? (devices.Find(export), null) : (devices.Find(export[..mark]), export[(mark + 1)..]);
    }
}
