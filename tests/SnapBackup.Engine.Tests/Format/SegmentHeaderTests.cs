using System.Buffers.Binary;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

public sealed class SegmentHeaderTests
{
    [Fact]
    public void It_has_these_bytes()
    {
        var bytes = Written(Example.SegmentHeader);
        Assert.Equal(
            "534E41505345470A" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "0201000000000000" + "02000000" + "00000000"
            + "0C00000000000000" + "FF00000000000000" + "0400000000000000" + "00A0000000000000" + "40037F30C45D0BCD",
            Convert.ToHexString(bytes[..88]));
        Assert.False(bytes.AsSpan(88).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void The_first_segment_of_a_log_follows_none()
    {
        var bytes = Written(Example.SegmentHeader with { Previous = SegmentLink.None });
        Assert.Equal("FFFFFFFFFFFFFFFF" + new string('0', 48), Convert.ToHexString(bytes[48..80]));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        foreach (var (kind, stored) in new[] { (SegmentClass.Versions, 1), (SegmentClass.Changes, 2), (SegmentClass.Private, 3), (SegmentClass.Free, 4) })
        {
            var header = Example.SegmentHeader with { Class = kind };
            var bytes = Written(header);
            Assert.Equal(stored, bytes[40]);
            Assert.True(SegmentHeader.TryRead(bytes, out var read));
            Assert.Equal(header, read);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_class_that_is_not_known_is_refused_though_sealed(byte stored) =>
        Assert.False(SegmentHeader.TryRead(Written(Example.SegmentHeader with { Class = (SegmentClass)stored }), out _));

    [Fact]
    public void It_is_one_sector_and_leaves_what_follows_alone()
    {
        Assert.Equal(512, SegmentHeader.Size);
        var bytes = new byte[SegmentHeader.Size + 1];
        bytes.AsSpan().Fill(0xEE);
        Example.SegmentHeader.Write(bytes);
        Assert.Equal(0xEE, bytes[^1]);
    }

    [Fact]
    public void One_byte_short_is_none()
    {
        Assert.False(SegmentHeader.TryRead(Written(Example.SegmentHeader).AsSpan(..^1), out _));
        Assert.False(SegmentHeader.TryRead([], out _));
    }

    [Fact]
    public void Every_flipped_bit_is_found() =>
        Flips.AssertEachIsFound(Written(Example.SegmentHeader), bytes => SegmentHeader.TryRead(bytes, out _));

    [Fact]
    public void The_salt_of_a_use_is_the_checksum_of_set_id_and_sequence_number()
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Checksum.Salt(Example.SetId, 258));
        Assert.Equal("12960F4BCF51E7C3", Convert.ToHexString(bytes));
    }

    private static byte[] Written(SegmentHeader header)
    {
        var bytes = new byte[SegmentHeader.Size];
        header.Write(bytes);
        return bytes;
    }
}
