using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>
/// Compares what memory knows of preserved blocks and changes with the records of the logs. All of it runs under <see cref="LogSet.Appending"/>.
/// </summary>
/// <remarks>
/// Epochs are taken before the catalog: while one is being forgotten, the catalog says so first, and what it does not need is not compared.
/// </remarks>
internal sealed class MemoryCheck(DeviceCore core, CheckResults results)
{
    private readonly Consequences _consequences = new(core);

    /// <summary>The segments of which something was reported; it would be the same once more.</summary>
    private readonly HashSet<Segment> _reported = [];

    /// <summary>Compares the records of one segment.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="records">Its records.</param>
    /// <param name="isComplete">Whether these are all; if not, nothing is said of how many there should be.</param>
    public void Compare(Segment segment, IReadOnlyList<BlockRecord> records, bool isComplete)
    {
        var epochs = core.History.Epochs;
        var catalog = core.Catalogs.Current;
        if (segment.Epoch >= catalog.LowestNeededEpoch)
            CompareChanges(segment, records, epochs);
        if (segment.Class != SegmentClass.Versions || segment.Epoch < catalog.LowestLiveEpoch)
            return;
        var (live, blocks) = CountLive(segment, records, epochs);
        if (isComplete && (live != segment.LiveRecords || blocks != segment.LiveBlocks) && _reported.Add(segment))
        {
            Report(CheckFindingKind.Index, segment,
                $"{live} records, {blocks} with data, are needed of the segment of {segment.Log.Name} at {segment.Offset}, and {segment.LiveRecords}, {segment.LiveBlocks} with data, are counted");
        }
    }

    /// <summary>Compares a stored page of the change map, which may say less than memory and not more.</summary>
    public void ComparePage(Segment segment, long page, ReadOnlySpan<byte> bits)
    {
        var epochs = core.History.Epochs;
        if (segment.Epoch < core.Catalogs.Current.LowestNeededEpoch)
            return;
        if (ChangesOf(segment, epochs)?.ContainsPage(page, bits) != true && _reported.Add(segment))
            Report(CheckFindingKind.ChangeMap, segment, $"page {page} of the change map on {segment.Log.Name} has changes of epoch {segment.Epoch} that are not known");
    }

    /// <summary>Compares all of the index with the number of records that segments are kept for.</summary>
    public void CompareTotals()
    {
        var epochs = core.History.Epochs;
        var lowest = core.Catalogs.Current.LowestLiveEpoch;
        var live = core.Logs.Logs.SelectMany(log => log.Segments).Where(segment => segment.Class == SegmentClass.Versions && segment.Epoch >= lowest).ToList();
        var needed = epochs.Where(epoch => epoch.Number >= lowest).ToList();
        if (needed.Sum(epoch => epoch.Index.Count) == live.Sum(segment => segment.LiveRecords))
            return;
        var counts = new Dictionary<Segment, long>();
        foreach (var epoch in needed)
        {
            foreach (var (block, version) in epoch.Index.Entries)
                Count(epoch, block, version, counts);
        }

        foreach (var segment in live)
        {
            var count = counts.GetValueOrDefault(segment);
            if (count != segment.LiveRecords && _reported.Add(segment))
                Report(CheckFindingKind.Index, segment, $"{count} blocks are looked for in the segment of {segment.Log.Name} at {segment.Offset}, which is kept for {segment.LiveRecords}");
        }
    }

    /// <summary>The changes of a segment's epoch, which an older epoch may have taken in.</summary>
    private static ChangeMap? ChangesOf(Segment segment, IReadOnlyList<Epoch> epochs) =>
        epochs.LastOrDefault(epoch => epoch.Number <= segment.Epoch)?.Changes;

    private static bool LiesIn(Segment segment, PreservedVersion version) =>
        version.Log == segment.Log.Number && version.Offset >= segment.Offset && version.Offset < segment.Offset + segment.Size;

    private void CompareChanges(Segment segment, IReadOnlyList<BlockRecord> records, IReadOnlyList<Epoch> epochs)
    {
        var changes = ChangesOf(segment, epochs);
        foreach (var record in records)
        {
            if (record.Kind == RecordKind.ChangePage)
                continue; // ComparePage sees to it
            var region = record.Block / core.Logs.Shape.BlocksPerRegion;
            if ((changes is null || region >= changes.RegionCount || !changes.Contains(region)) && _reported.Add(segment))
                Report(CheckFindingKind.ChangeMap, segment, $"that block {record.Block} changed in epoch {segment.Epoch} is on {segment.Log.Name} and not in the change map");
        }
    }

    private (int Records, int Blocks) CountLive(Segment segment, IReadOnlyList<BlockRecord> records, IReadOnlyList<Epoch> epochs)
    {
        var place = new GroupPlace(segment.Log.Number, segment.Offset);
        var candidates = epochs.Where(epoch => epoch.Number <= segment.Epoch && epoch.Index.Count > 0).ToArray();
        var (live, blocks) = (0, 0);
        foreach (var record in records)
        {
            if (!record.IsVersion)
                continue;
            foreach (var epoch in candidates)
            {
                if (!epoch.Index.TryGet(record.Block, out var version) || !LiesIn(segment, version))
                    continue;
                live++;
                blocks += record.HasData ? 1 : 0;
                if (version != place.VersionOf(record) && _reported.Add(segment))
                    Report(CheckFindingKind.Index, segment, $"block {record.Block} of epoch {epoch.Number} is looked for as {version}, and recorded as {place.VersionOf(record)}");
            }
        }

        return (live, blocks);
    }

    private void Count(Epoch epoch, long block, PreservedVersion version, Dictionary<Segment, long> counts)
    {
        if (SegmentOf(version) is not { Class: SegmentClass.Versions } segment)
        {
            results.Add(new CheckFinding
            {
                Kind = CheckFindingKind.Index,
                Severity = CheckSeverity.Error,
                Epoch = epoch.Number,
                Snapshots = _consequences.OfLostVersion(block, version),
                Message = $"{core.Name}: block {block} of epoch {epoch.Number} is looked for as {version}, where nothing is kept. "
                    + "Archive nothing from the snapshots named; let the device go and open it again, which rebuilds its memory from the logs.",
            });
            return;
        }

        counts[segment] = counts.GetValueOrDefault(segment) + 1;
    }

    private Segment? SegmentOf(PreservedVersion version) => version.Log < core.Logs.Logs.Count
        && core.Logs.Logs[version.Log] is var log
        && version.Offset >= LogLayout.SegmentsOffset
        && version.Offset < LogLayout.SegmentsOffset + log.Capacity
            ? log.SegmentAt(version.Offset)
            : null;

    private void Report(CheckFindingKind kind, Segment segment, string what) => results.Add(new CheckFinding
    {
        Kind = kind,
        Severity = CheckSeverity.Error,
        Log = segment.Log.Name,
        Offset = segment.Offset,
        Epoch = segment.Epoch,
        Snapshots = _consequences.OfLostRecords(segment.Class, segment.Epoch),
        Message = $"{core.Name}: {what}. Let the device go and open it again, which rebuilds its memory from the logs; then check again.",
    });
}
