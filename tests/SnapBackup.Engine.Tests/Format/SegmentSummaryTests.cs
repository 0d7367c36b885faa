using System.Buffers.Binary;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

public sealed class SegmentSummaryTests
{
    private const int RecordCountAt = 24;
    private const int FilledAt = 28;
    private static readonly long Salt = Checksum.Salt(Example.SetId, Example.SegmentHeader.Sequence);

    private static readonly BlockRecord[] Records =
    [
        new() { Block = 80, Kind = RecordKind.Changed },
        new() { Block = 43, Kind = RecordKind.Data, DataChecksum = 0x0123_4567_89AB_CDEF, DataUnit = 2 },
    ];

    [Fact]
    public void It_has_these_bytes()
    {
        var bytes = Written();
        Assert.Equal(4096, bytes.Length);
        Assert.False(bytes.AsSpan(..^112).ContainsAnyExcept((byte)0));
        Assert.Equal(
            "5000000000000000" + "0000000000000000" + "00000000" + "03000000"
            + "2B00000000000000" + "EFCDAB8967452301" + "02000000" + "00000000",
            Convert.ToHexString(bytes[^112..^64]));
        Assert.Equal(
            "534E415053554D0A" + "0201000000000000" + "0B00000000000000" + "02000000" + "00400000"
            + "000000000000000000000000000000000000000000000000" + "958D14F030E7F5E0",
            Convert.ToHexString(bytes[^64..]));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        Assert.True(SegmentSummary.TryReadTrailer(Trailer(Written()), out var read));
        Assert.Equal(new SegmentSummary { SegmentSequence = 258, LastGroup = 11, RecordCount = 2, Filled = 16_384 }, read);
        Assert.True(read.IsWhole(Written(), Salt));
    }

    [Fact]
    public void A_closed_segment_says_at_its_end_what_its_groups_say()
    {
        var segment = Example.EmptySegment(Example.SegmentHeader);
        segment.Advance(16_384, Records, 11);
        Assert.Equal(Written(), segment.Summarise());
    }

    [Fact]
    public void Its_trailer_is_in_one_sector_and_it_takes_whole_pages()
    {
        Assert.Equal(64, SegmentSummary.Size);
        Assert.Equal(4096, SegmentSummary.SizeWith(168));
        Assert.Equal(8192, SegmentSummary.SizeWith(169));
    }

    [Fact]
    public void Every_flipped_bit_of_trailer_and_records_is_found() => Flips.AssertEachIsFound(
        Written()[^112..], bytes => SegmentSummary.TryReadTrailer(Trailer(bytes), out var summary) && summary.IsWhole(bytes, Salt));

    [Fact]
    public void One_byte_short_is_none()
    {
        var bytes = Written()[^112..];
        Assert.False(SegmentSummary.TryReadTrailer(bytes.AsSpan(^63..), out _));
        Assert.True(SegmentSummary.TryReadTrailer(Trailer(bytes), out var summary));
        Assert.False(summary.IsWhole(bytes.AsSpan(1..), Salt));
    }

    [Fact]
    public void One_of_another_set_or_of_another_use_of_the_segment_is_not_whole()
    {
        Assert.True(SegmentSummary.TryReadTrailer(Trailer(Written()), out var summary));
        Assert.False(summary.IsWhole(Written(), Checksum.Salt(Guid.Empty, 258)));
        Assert.False(summary.IsWhole(Written(), Checksum.Salt(Example.SetId, 259)));
    }

    [Theory]
    [InlineData(RecordCountAt, 0)]
    [InlineData(RecordCountAt, -1)]
    [InlineData(RecordCountAt, 169)] // one more than there is room for
    [InlineData(RecordCountAt, 89_478_486)] // the size of so many does not fit into 31 bits
    [InlineData(RecordCountAt, int.MaxValue)]
    [InlineData(FilledAt, 0)]
    [InlineData(FilledAt, -1)]
    public void Absurd_counts_are_refused_before_they_are_used(int at, int count)
    {
        var bytes = Written();
        BinaryPrimitives.WriteInt32LittleEndian(Trailer(bytes)[at..], count);
        Assert.False(SegmentSummary.TryReadTrailer(Trailer(bytes), out var summary) && summary.IsWhole(bytes, Salt));
    }

    private static Span<byte> Trailer(byte[] bytes) => bytes.AsSpan(^SegmentSummary.Size..);

    private static byte[] Written()
    {
        var bytes = new byte[SegmentSummary.SizeWith(Records.Length)];
        bytes.AsSpan().Fill(0xEE);
        new SegmentSummary { SegmentSequence = 258, LastGroup = 11, RecordCount = Records.Length, Filled = 16_384 }.Write(bytes, Records, Salt);
        return bytes;
    }
}
