using System.Buffers.Binary;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>A group as it lies on the log: the header of its segment if it is the first, its own with the records, and the data.</summary>
public sealed class CommitGroupTests
{
    private const int RecordCountAt = 24;
    private const int DataBlocksAt = 28;
    private const int ChecksumAt = 48;
    private static readonly long Salt = Checksum.Salt(Example.SetId, Example.SegmentHeader.Sequence);

    [Fact]
    public void Its_header_has_these_bytes() => Assert.Equal(
        "534E41504752500A" + "0201000000000000" + "0B00000000000000" + "05000000" + "02000000" + "0500000000000000" + "02000000"
        + "00000000" + "5CE8AC128A345628",
        Convert.ToHexString(Group()[..56]));

    [Theory]
    [InlineData(0, "5000000000000000" + "0000000000000000" + "00000000" + "03000000")] // changed
    [InlineData(1, "2A00000000000000" + "0000000000000000" + "00000000" + "01000000")] // zero
    [InlineData(2, "2B00000000000000" + "CCBA8C319FDF6ABE" + "02000000" + "00000000")] // data
    [InlineData(3, "2C00000000000000" + "0000000000000000" + "00000000" + "02000000")] // unreadable
    [InlineData(4, "0600000000000000" + "4CC0A1C8B2083712" + "03000000" + "04000000")] // change page
    public void Its_records_have_these_bytes(int record, string bytes) =>
        Assert.Equal(bytes, Convert.ToHexString(Group().AsSpan(GroupHeader.Size + (record * 24), 24)));

    [Fact]
    public void Zeros_fill_up_to_the_data_and_the_data_follow_without_a_gap()
    {
        var group = Group();
        Assert.Equal(3 * 4096, group.Length);
        Assert.False(group.AsSpan((GroupHeader.Size + (5 * 24))..4096).ContainsAnyExcept((byte)0));
        Assert.Equal(new byte[] { 1, 2, 3, 0 }, group[4096..4100]);
        Assert.Equal(new byte[] { 0x81, 0 }, group[8192..8194]);
    }

    [Fact]
    public void The_first_one_brings_its_segments_header_along()
    {
        var bytes = Example.FirstGroup();
        Assert.Equal(4 * 4096, bytes.Length);
        Assert.True(SegmentHeader.TryRead(bytes, out var header));
        Assert.Equal(Example.SegmentHeader, header);
        Assert.False(bytes.AsSpan(SegmentHeader.Size..4096).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_later_one_does_not_and_its_records_say_where_its_data_are_in_the_segment()
    {
        var segment = Example.EmptySegment(Example.SegmentHeader);
        segment.Advance(20 * 4096, [], 11);
        var group = new CommitGroup(4096, 8);
        group.Staging(0, 1).Span.Fill(1);
        group.AddVersion(7, readable: true);
        var bytes = group.Seal(segment, 12).Span;
        Assert.Equal(2 * 4096, bytes.Length);
        Assert.True(GroupHeader.TryRead(bytes, Salt, out var header));
        Assert.Equal((258L, 12L, 1, 1), (header.SegmentSequence, header.Number, header.RecordCount, header.DataBlocks));
        Assert.True(BlockRecord.TryRead(bytes[GroupHeader.Size..], out var record));
        Assert.Equal(21 * 4096, record.DataOffset);
        Assert.Equal(record.DataChecksum, Checksum.Of(bytes[4096..]));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var bytes = Group();
        Assert.True(GroupHeader.TryRead(bytes, Salt, out var header));
        Assert.Equal(new GroupHeader { SegmentSequence = 258, Number = 11, RecordCount = 5, DataBlocks = 2, Epoch = 5, Class = SegmentClass.Changes }, header);
        var records = new List<(long Block, RecordKind Kind, long DataOffset, bool IsVersion)>();
        for (var i = 0; i < header.RecordCount; i++)
        {
            Assert.True(BlockRecord.TryRead(bytes.AsSpan(GroupHeader.Size + (i * BlockRecord.Size)), out var record));
            Assert.Equal(record.HasData ? Checksum.Of(Example.FirstGroup().AsSpan((int)record.DataOffset, 4096)) : 0, record.DataChecksum);
            records.Add((record.Block, record.Kind, record.DataOffset, record.IsVersion));
        }

        Assert.Equal(
            [
                (80, RecordKind.Changed, 0, false), (42, RecordKind.Zero, 0, true), (43, RecordKind.Data, 8192, true),
                (44, RecordKind.Unreadable, 0, true), (6, RecordKind.ChangePage, 12_288, false),
            ],
            records);
    }

    [Fact]
    public void Every_flipped_bit_of_header_records_and_padding_is_found() =>
        Flips.AssertEachIsFound(Group()[..4096], bytes => GroupHeader.TryRead(bytes, Salt, out _));

    [Fact]
    public void One_byte_short_is_none()
    {
        Assert.False(GroupHeader.TryRead(Group().AsSpan(..4095), Salt, out _));
        Assert.False(GroupHeader.TryRead(Group().AsSpan(..(GroupHeader.Size - 1)), Salt, out _));
        Assert.False(BlockRecord.TryRead(Group().AsSpan(GroupHeader.Size, BlockRecord.Size - 1), out _));
    }

    [Fact]
    public void One_of_another_set_or_of_another_use_of_the_segment_is_none()
    {
        Assert.False(GroupHeader.TryRead(Group(), Checksum.Salt(Guid.Empty, 258), out _));
        Assert.False(GroupHeader.TryRead(Group(), Checksum.Salt(Example.SetId, 257), out _));
        Assert.False(GroupHeader.TryRead(Group(), 0, out _));
    }

    [Fact]
    public void One_that_stands_where_no_segment_is_known_tells_by_itself_what_it_belonged_to()
    {
        Assert.True(GroupHeader.TryReadAnywhere(Group(), Example.SetId, out var header));
        Assert.Equal((258L, 5L, SegmentClass.Changes), (header.SegmentSequence, header.Epoch, header.Class));
        Assert.False(GroupHeader.TryReadAnywhere(Group(), Guid.Empty, out _));
        Assert.False(GroupHeader.TryReadAnywhere(Group().AsSpan(..(GroupHeader.Size - 1)), Example.SetId, out _));
    }

    [Theory]
    [InlineData(RecordCountAt, 0)]
    [InlineData(RecordCountAt, -1)]
    [InlineData(RecordCountAt, 510)] // one more than there is room for
    [InlineData(RecordCountAt, int.MaxValue)]
    [InlineData(DataBlocksAt, -1)]
    [InlineData(DataBlocksAt, 6)]
    public void Absurd_counts_are_refused_though_sealed(int at, int count)
    {
        var bytes = Group();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), count);
        Checksum.Seal(bytes.AsSpan(..4096), ChecksumAt, Salt);
        Assert.False(GroupHeader.TryRead(bytes, Salt, out _));
    }

    [Theory]
    [InlineData(7, 0x80)] // a negative block
    [InlineData(19, 0x80)] // a negative place
    [InlineData(20, 5)] // a kind that is not known
    [InlineData(21, 1)] // not zero where zeros belong
    [InlineData(23, 0x80)]
    public void A_record_that_cannot_be_is_refused(int at, byte value)
    {
        var bytes = new byte[BlockRecord.Size];
        new BlockRecord { Block = 1, Kind = RecordKind.Zero }.Write(bytes);
        Assert.True(BlockRecord.TryRead(bytes, out _));
        bytes[at] = value;
        Assert.False(BlockRecord.TryRead(bytes, out _));
    }

    private static byte[] Group() => Example.FirstGroup()[SegmentHeader.Room..];
}
