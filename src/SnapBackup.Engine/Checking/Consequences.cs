using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>Tells which snapshots a finding harms. Asked while segments cannot change hands.</summary>
internal sealed class Consequences(DeviceCore core)
{
    /// <summary>Every snapshot that can be read.</summary>
    public IReadOnlyList<string> All => Names(_ => true);

    /// <summary>The snapshots that are broken at the next opening when records of an epoch are lost. Those of changes no snapshot needs.</summary>
    public IReadOnlyList<string> OfLostRecords(SegmentClass kind, long epoch) => Names(snapshot => kind == SegmentClass.Versions && snapshot.Epoch <= epoch);

    /// <summary>The snapshots that are broken at the next opening when a segment is lost, of which only its epoch is known then.</summary>
    public IReadOnlyList<string> OfLostSegment(long epoch) => OfLostRecords(SegmentClass.Versions, epoch);

    /// <summary>The snapshots that read a block from this very version.</summary>
    public IReadOnlyList<string> OfLostVersion(long block, PreservedVersion version) =>
        Names(snapshot => core.History.TryGet(snapshot.Epoch, block, out var found) && found == version);

    /// <summary>Whether the next opening reads a segment.</summary>
    public bool IsNeeded(Segment segment) => core.Catalogs.Current.Needs(segment.Class, segment.Epoch, segment.Header.Sequence);

    private List<string> Names(Predicate<Snapshot> which) =>
        [.. core.Snapshots.All.Where(snapshot => snapshot.State == SnapshotState.Active && which(snapshot)).Select(snapshot => snapshot.Name)];
}
