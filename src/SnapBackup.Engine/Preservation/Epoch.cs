using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Preservation;

/// <summary>The time since a snapshot started: what was preserved in it.</summary>
internal sealed class Epoch(long number, Snapshot snapshot)
{
    public long Number => number;

    public EpochIndex Index { get; } = new();

    /// <summary>The snapshot that needs the epoch's versions.</summary>
    public Snapshot Snapshot => snapshot;
}
