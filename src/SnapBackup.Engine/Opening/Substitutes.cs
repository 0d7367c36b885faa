using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Opening.Scanning;

namespace SnapBackup.Engine.Opening;

/// <summary>
/// What stands elsewhere instead of the last group of a segment: what it says is not missed when it is dropped if it was stored again after a log
/// had failed, or if it was a copy (<see cref="Reclaiming.VersionMover"/>), whose original is given up only when the copy is durable.
/// </summary>
/// <remarks>
/// Of a version nothing is missed if the snapshots that may read it, those of the live epochs between which it lies, find an earlier one or the same
/// one without it. Whether the group was torn or has rotted does not matter then.
/// </remarks>
internal sealed class Substitutes
{
    private readonly FoundSegment _of;
    private readonly Dictionary<long, (long Epoch, BlockRecord Record)> _earliest = [];
    private readonly HashSet<(long, RecordKind)> _sameEpoch;

    /// <summary>Looks for them.</summary>
    /// <param name="of">The segment whose last group is in doubt.</param>
    /// <param name="found">All segments that were found.</param>
    /// <param name="catalog">Tells which snapshots are kept.</param>
    public Substitutes(FoundSegment of, IEnumerable<FoundSegment> found, Catalog catalog)
    {
        _of = of;
        var epoch = of.Header.Epoch;
        var live = catalog.Points.Where(point => point.IsLive).Select(point => point.Epoch).ToList();
        var from = live.Where(point => point <= epoch).DefaultIfEmpty(long.MinValue).Max();
        var to = live.Where(point => point > epoch).DefaultIfEmpty(long.MaxValue).Min();
        var others = found.Where(other => !ReferenceEquals(other, of)).ToList();
        var blocks = of.Records.TakeLast(of.LastGroupRecords).Where(record => record.IsVersion).Select(record => record.Block).ToHashSet();
        foreach (var other in others.Where(other => other.Header.Epoch >= from && other.Header.Epoch < to))
        {
            foreach (var record in other.Records)
            {
                if (record.IsVersion && blocks.Contains(record.Block) && (!_earliest.TryGetValue(record.Block, out var known) || other.Header.Epoch < known.Epoch))
                    _earliest[record.Block] = (other.Header.Epoch, record);
            }
        }

        _sameEpoch = [.. others.Where(other => other.Header.Epoch == epoch).SelectMany(other => other.Records).Select(record => (record.Block, record.Kind))];
    }

    /// <summary>Whether every record of the group has one.</summary>
    public bool AreThereForAll => _of.Records.TakeLast(_of.LastGroupRecords).All(IsThereFor);

    /// <summary>Whether a record of the group has one.</summary>
    public bool IsThereFor(BlockRecord record)
    {
        if (!record.IsVersion)
            return _sameEpoch.Contains((record.Block, record.Kind));
        return _earliest.TryGetValue(record.Block, out var other)
            && (other.Epoch <= _of.Header.Epoch || (other.Record.Kind == record.Kind && other.Record.DataChecksum == record.DataChecksum));
    }
}
