using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>
/// Verifies that every segment is in use or free, never both and never twice, and that whoever uses it knows. Runs under <see cref="LogSet.Appending"/>.
/// </summary>
internal sealed class TableCheck(DeviceCore core, CheckResults results)
{
    private readonly HashSet<long> _sequences = [];

    public void Run()
    {
        foreach (var log in core.Logs.Logs)
        {
            CompareFree(log);
            foreach (var segment in log.Segments)
                CheckOwner(log, segment);
        }

        for (var kind = SegmentClass.Versions; kind <= SegmentClass.Private; kind++)
        {
            if (core.Logs.OpenSegment(kind) is { } open && (!open.IsOpen || open.Class != kind || !open.IsInUse))
                Report(open.Log, open.Offset, $"is filled as the open one of {kind} and is not");
            var used = core.Logs.Logs.Sum(log => log.Segments.Count(segment => segment.Class == kind));
            if (used != core.Logs.SegmentsOf(kind))
                Report(core.Logs.Logs[0], LogLayout.SegmentsOffset, $"and those after it: {core.Logs.SegmentsOf(kind)} segments of {kind} are counted, and {used} are in use");
        }
    }

    private void CompareFree(LogVolume log)
    {
        var used = log.Segments.Select(segment => segment.Index).ToHashSet();
        var free = new HashSet<long>();
        foreach (var index in log.Free)
        {
            if (!free.Add(index))
                Report(log, OffsetOf(log, index), "is free twice");
            else if (used.Contains(index))
                Report(log, OffsetOf(log, index), "is in use and free");
        }

        for (var index = 0L; index < log.SegmentCount; index++)
        {
            if (!used.Contains(index) && !free.Contains(index))
                Report(log, OffsetOf(log, index), "is neither in use nor free");
        }

        if (log.Used != (long)used.Count * log.SegmentSize)
            Report(log, LogLayout.SegmentsOffset, $"and those after it: {log.Used} bytes are counted as used, and {used.Count} segments are in use");
    }

    private void CheckOwner(LogVolume log, Segment segment)
    {
        if (!ReferenceEquals(segment.Log, log) || !segment.IsInUse)
            Report(log, segment.Offset, "is in use at another place than its own");
        if (!_sequences.Add(segment.Header.Sequence) || segment.Header.Sequence >= core.Logs.NextSequence)
            Report(log, segment.Offset, $"has the sequence number {segment.Header.Sequence}, which is another's");
        if (segment.IsOpen && !ReferenceEquals(core.Logs.OpenSegment(segment.Class), segment) && !core.Compactor.Fills(segment))
            Report(log, segment.Offset, "was not closed and is not filled any more");
        if (segment.Class == SegmentClass.Private && !core.Snapshots.All.Any(snapshot => snapshot.Overlays.Own(segment)))
            Report(log, segment.Offset, "is private to an overlay that is not there");
    }

    private static long OffsetOf(LogVolume log, long index) => LogLayout.SegmentsOffset + (index * log.SegmentSize);

    private void Report(LogVolume log, long offset, string what) => results.Add(new CheckFinding
    {
        Kind = CheckFindingKind.SegmentTable,
        Severity = CheckSeverity.Error,
        Log = log.Name,
        Offset = offset,
        Snapshots = new Consequences(core).All,
        Message = $"{core.Name}: the segment of {log.Name} at {offset} {what}. Let the device go and open it again, which rebuilds its memory from the logs; then check again.",
    });
}
