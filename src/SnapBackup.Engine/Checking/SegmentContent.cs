using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>What the bytes of a segment say, verified by every checksum in them.</summary>
internal sealed class SegmentContent
{
    private SegmentContent(SegmentState state, SegmentImage image, int blockSize, List<BlockRecord>? summary)
    {
        HasHeader = SegmentHeader.TryRead(image.Bytes, out var header) && IsOf(state.Segment, header);
        if (state.IsPrivate)
            return;
        Walk(state, image, blockSize);
        LacksSummary = state.HasSummary && summary is null;
        Records = state.Records ?? summary ?? GroupRecords;
        ContradictsItself |= LostGroups.Count == 0 && !Records.SequenceEqual(GroupRecords);
        IsComplete = LostGroups.Count == 0 || state.IsOpen || summary is not null;
        Damaged = Records.FindAll(record => record.HasData && !HasData(record, image, blockSize));
    }

    /// <summary>Whether its header is the one it was taken with.</summary>
    public bool HasHeader { get; }

    /// <summary>Where commit groups should start that are not whole, in bytes from the start of the segment.</summary>
    public List<int> LostGroups { get; } = [];

    /// <summary>How many groups are whole.</summary>
    public int Groups { get; private set; }

    /// <summary>Whether it should have a summary and has none that is whole.</summary>
    public bool LacksSummary { get; }

    /// <summary>Whether groups have their checksums and do not agree with each other, with the summary or with memory.</summary>
    public bool ContradictsItself { get; private set; }

    /// <summary>Its records, from the best witness there is.</summary>
    public List<BlockRecord> Records { get; } = [];

    /// <summary>Whether these are all of them.</summary>
    public bool IsComplete { get; }

    /// <summary>Those whose data are not as they were written.</summary>
    public List<BlockRecord> Damaged { get; } = [];

    private List<BlockRecord> GroupRecords { get; } = [];

    /// <summary>Verifies a segment.</summary>
    /// <param name="state">What memory says of it.</param>
    /// <param name="image">Its bytes, as far as it is filled.</param>
    /// <param name="blockSize">The block size in bytes.</param>
    /// <param name="summary">The records of its summary; null when it has none that is whole.</param>
    public static SegmentContent Read(SegmentState state, SegmentImage image, int blockSize, List<BlockRecord>? summary) =>
        new(state, image, blockSize, summary);

    /// <summary>A failed log may say of a segment that it is free and memory that it is not, because it was not known to be durable.</summary>
    private static bool IsOf(Segment segment, SegmentHeader header) => header == segment.Header
        || (!segment.Log.IsSound && header == segment.Header with { Class = SegmentClass.Free });

    private static bool HasData(BlockRecord record, SegmentImage image, int blockSize) =>
        record.DataOffset + blockSize <= image.Bytes.Length
        && Checksum.Of(image.Bytes.Slice((int)record.DataOffset, blockSize)) == record.DataChecksum;

    private void Walk(SegmentState state, SegmentImage image, int blockSize)
    {
        var walk = new GroupWalk(image.Bytes, state.Segment.Salt, blockSize);
        while (walk.End < state.Filled)
        {
            var recordsBefore = GroupRecords.Count;
            if (walk.TryNext(GroupRecords))
            {
                Groups++;
                ContradictsItself |= walk.Group.Number > state.LastGroup || !DataFollow(recordsBefore, walk, blockSize);
                continue;
            }

            LostGroups.Add(walk.End);
            if (!walk.TrySkipToLater(out _))
                break;
        }
    }

    /// <summary>Whether the data of the group that was found last lie behind its records, one block after the other.</summary>
    private bool DataFollow(int firstRecord, in GroupWalk walk, int blockSize)
    {
        var expected = walk.Start + GroupHeader.SizeWith(walk.Group.RecordCount);
        foreach (var record in GroupRecords.Skip(firstRecord).Where(record => record.HasData))
        {
            if (record.DataOffset != expected)
                return false;
            expected += blockSize;
        }

        return expected == walk.End;
    }
}
