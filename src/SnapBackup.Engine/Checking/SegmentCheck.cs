using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Opening.Scanning;

namespace SnapBackup.Engine.Checking;

/// <summary>Verifies one segment at a time: its bytes, and that memory says the same of it.</summary>
/// <remarks>
/// The bytes are read while others append and release: what a segment is filled with at one moment stays so until it is released. Before
/// something is reported, the segment is looked at again, for a moment under <see cref="LogSet.Appending"/>; one that was released meanwhile
/// is no longer of interest, and one that was closed is verified once more with its summary.
/// </remarks>
internal sealed class SegmentCheck(DeviceCore core, MemoryCheck memory, CheckResults results)
{
    private readonly Consequences _consequences = new(core);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(core.Logs.Logs.Max(log => log.SegmentSize));

    public async ValueTask RunAsync(Segment segment, CancellationToken cancellationToken)
    {
        var isDone = false;
        while (!isDone)
        {
            var state = await core.Logs.WhileUnchangedAsync(() => segment.IsInUse ? SegmentState.Of(segment) : null).ConfigureAwait(false);
            if (state is null or { Filled: 0 })
                return;
            var image = await SegmentImage.ReadAsync(segment, _buffer.AsMemory(0, state.Filled), cancellationToken).ConfigureAwait(false);
            var content = SegmentContent.Read(state, image, core.BlockSize, await TryReadSummaryAsync(state, cancellationToken).ConfigureAwait(false));
            results.BytesRead += state.Filled;
            isDone = await core.Logs.WhileUnchangedAsync(() => TryReport(state, image, content)).ConfigureAwait(false);
        }
    }

    private async ValueTask<List<BlockRecord>?> TryReadSummaryAsync(SegmentState state, CancellationToken cancellationToken)
    {
        if (!state.HasSummary)
            return null;
        var segment = state.Segment;
        var reader = new SegmentReader(segment.Log.Device, segment.Log.Number, segment.Size, core.BlockSize);
        try
        {
            var found = await reader.TryReadSummaryAsync(new FoundSegment(segment.Log.Number, segment.Index, segment.Header), cancellationToken).ConfigureAwait(false);
            return found is not null && found.Filled == state.Filled ? found.Records : null;
        }
        catch (BlockDeviceException)
        {
            return null;
        }
    }

    /// <summary>Reports what was found, unless the segment has changed hands.</summary>
    /// <returns>Whether it is done; if not, the segment was closed meanwhile and is to be verified again.</returns>
    private bool TryReport(SegmentState state, SegmentImage image, SegmentContent content)
    {
        if (!state.Segment.IsInUse)
            return true;
        if (state.IsOpen != state.Segment.IsOpen)
            return false;
        results.Segments++;
        results.CommitGroups += content.Groups;
        results.Records += content.Records.Count;
        ReportStructure(state, image, content);
        foreach (var record in content.Damaged)
            ReportData(state.Segment, record, image);
        if (!state.IsPrivate)
            CompareWithMemory(state.Segment, image, content);
        return true;
    }

    private void CompareWithMemory(Segment segment, SegmentImage image, SegmentContent content)
    {
        foreach (var page in content.Records.Where(record => record.Kind == RecordKind.ChangePage).Except(content.Damaged))
            memory.ComparePage(segment, page.Block, image.Bytes.Slice((int)page.DataOffset, core.BlockSize));
        memory.Compare(segment, segment.IsOpen ? segment.Records : content.Records, content.IsComplete);
    }

    private void ReportStructure(SegmentState state, SegmentImage image, SegmentContent content)
    {
        var segment = state.Segment;
        var lostRecords = _consequences.OfLostRecords(segment.Class, segment.Epoch);
        var isUnreadable = image.WhyUnreadable(0, LogHeaders.SizeToKnow) is not null;
        if (isUnreadable || !content.HasHeader)
        {
            Report(CheckFindingKind.SegmentHeader, segment, 0, isHarmful: true, isUnreadable ? _consequences.All : _consequences.OfLostSegment(segment.Epoch),
                $"the header of the segment {image.WhyBad(0, LogHeaders.SizeToKnow)}");
        }

        foreach (var at in content.LostGroups.Where(at => !isUnreadable || at >= LogHeaders.SizeToKnow))
        {
            var standsIn = state.HasSummary && !content.LacksSummary;
            Report(CheckFindingKind.CommitGroup, segment, at, !standsIn, lostRecords,
                $"a commit group {image.WhyBad(at, at + LogLayout.Alignment)}{(standsIn ? "; the summary of its segment stands in for it" : "")}");
        }

        if (content.LacksSummary)
        {
            var standIn = content.LostGroups.Count == 0;
            Report(CheckFindingKind.SegmentSummary, segment, segment.Size - SegmentSummary.Size, !standIn, lostRecords,
                $"the summary of the segment is not there whole{(standIn ? "; its commit groups stand in for it" : "")}");
        }

        if (content.ContradictsItself)
            Report(CheckFindingKind.CommitGroup, segment, SegmentHeader.Room, isHarmful: true, lostRecords, "the records of the segment contradict each other");
    }

    private void ReportData(Segment segment, BlockRecord record, SegmentImage image)
    {
        var why = image.WhyBad((int)record.DataOffset, (int)record.DataOffset + core.BlockSize);
        if (record.Kind == RecordKind.ChangePage)
        {
            Report(CheckFindingKind.ChangePage, segment, (int)record.DataOffset, isHarmful: true, [], $"page {record.Block} of the change map {why}");
            return;
        }

        var version = new GroupPlace(segment.Log.Number, segment.Offset).VersionOf(record);
        var harmed = _consequences.OfLostVersion(record.Block, version);
        results.Add(new CheckFinding
        {
            Kind = CheckFindingKind.PreservedBlock,
            Severity = harmed.Count > 0 ? CheckSeverity.Error : CheckSeverity.Warning,
            Log = segment.Log.Name,
            Offset = segment.Offset + record.DataOffset,
            Epoch = segment.Epoch,
            Snapshots = harmed,
            Message = $"{segment.Log.Name}: at {segment.Offset + record.DataOffset} what was preserved of the source's block at {record.Block * core.BlockSize} {why}. "
                + (harmed.Count > 0 ? "Reading it from the snapshots named fails: end them, and look at the health of that log." : "No snapshot reads it. Look at the health of that log."),
        });
    }

    /// <summary>Reports what the next opening will notice, or not, because something stands in or nobody needs it.</summary>
    private void Report(CheckFindingKind kind, Segment segment, int at, bool isHarmful, IReadOnlyList<string> harmed, string what)
    {
        isHarmful &= _consequences.IsNeeded(segment);
        results.Add(new CheckFinding
        {
            Kind = kind,
            Severity = isHarmful ? CheckSeverity.Error : CheckSeverity.Warning,
            Log = segment.Log.Name,
            Offset = segment.Offset + at,
            Epoch = segment.Epoch,
            Snapshots = isHarmful ? harmed : [],
            Message = $"{segment.Log.Name}: at {segment.Offset + at} {what}. "
                + (isHarmful
                    ? "What is kept can be read while the device is not let go; after that the snapshots named are broken and changes since then lost: archive them now, "
                        + "then end them, and look at the health of that log."
                    : "Nothing that is kept is harmed. Look at the health of that log."),
        });
    }
}
