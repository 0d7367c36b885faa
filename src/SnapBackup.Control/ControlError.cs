namespace SnapBackup.Control;

/// <summary>Why it is not clear what was asked for.</summary>
public enum ControlError
{
    /// <summary>A device keeps several snapshots, and none of them was named.</summary>
    SnapshotNotNamed,
}
