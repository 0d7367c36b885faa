using System.Collections;
using SnapBackup.Control;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Completes the name of a snapshot of the device that the line names, or of any.</summary>
internal class SnapshotNameCompleter : NameCompleter
{
    protected virtual IEnumerable<SnapshotInfo> PointsIn(SnapBackupControl control) => control.Snapshots.List();

    protected sealed override IEnumerable<string> NamesIn(SnapBackupControl control, IDictionary given) => PointsIn(control)
        .Where(point => given["Device"] is not { } device || point.Device.Equals($"{device}", StringComparison.Ordinal))
        .Select(point => point.Name)
        .Distinct(StringComparer.Ordinal);
}
