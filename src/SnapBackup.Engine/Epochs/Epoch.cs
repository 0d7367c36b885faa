using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Epochs;

/// <summary>
/// The time from one snapshot's start on: what blocks held before their first overwrite in it, and which regions were written in it.
/// It ends where the next one starts.
/// </summary>
/// <param name="number">Its number; a snapshot that opened it has the same.</param>
/// <param name="changes">The regions that were written.</param>
/// <param name="index">The blocks that were preserved, which need not be all that were written.</param>
internal sealed class Epoch(long number, ChangeMap changes, EpochIndex index)
{
    public long Number => number;

    public ChangeMap Changes => changes;

    public EpochIndex Index => index;

    /// <summary>The same time without what was preserved in it.</summary>
    public Epoch WithoutIndex() => new(number, changes, new EpochIndex());
}
