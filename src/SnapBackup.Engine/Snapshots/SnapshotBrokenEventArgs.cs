namespace SnapBackup.Engine;

/// <summary>Tells which snapshot could not be kept.</summary>
/// <param name="snapshot">The snapshot.</param>
public sealed class SnapshotBrokenEventArgs(Snapshot snapshot) : EventArgs
{
    /// <summary>The snapshot; its <see cref="Snapshot.BreakCause"/> says why.</summary>
    public Snapshot Snapshot => snapshot;
}
