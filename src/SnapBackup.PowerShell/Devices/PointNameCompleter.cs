using SnapBackup.Control;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Completes the name of a snapshot or bookmark of the device that the line names, or of any.</summary>
internal sealed class PointNameCompleter : SnapshotNameCompleter
{
    protected override IEnumerable<SnapshotInfo> PointsIn(SnapBackupControl control) => control.Snapshots.List().Concat(control.Snapshots.ListBookmarks());
}
