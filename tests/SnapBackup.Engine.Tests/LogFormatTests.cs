using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>Pins version 1 of the log format byte for byte, and tries every structure one byte short and one bit off.</summary>
public sealed class LogFormatTests
{
    private static readonly Guid SetId = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void A_superblock_has_these_bytes()
    {
        var slot = WriteSuperblock();
        Assert.Equal(
            "534E41504C4F470A" + "01000000" + "00100000" + "33221100554477668899AABBCCDDEEFF" + "0300" + "0400" + "00000100"
            + "0F00000000000000" + "0000000001000000" + "0700000000000000",
            Convert.ToHexString(slot[..64]));
        Assert.Equal(Golden.SuperblockChecksum, Convert.ToHexString(slot[64..72]));
        Assert.False(slot.AsSpan(72).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_segment_header_has_these_bytes()
    {
        var bytes = new byte[SegmentHeader.Size];
        new SegmentHeader { SetId = SetId, Epoch = 5, Sequence = 258 }.Write(bytes);
        Assert.Equal(
            "534E41505345470A" + "33221100554477668899AABBCCDDEEFF" + "0500000000000000" + "0201000000000000",
            Convert.ToHexString(bytes[..40]));
        Assert.Equal(Golden.SegmentChecksum, Convert.ToHexString(bytes[40..48]));
        Assert.True(SegmentHeader.TryRead(bytes, out var header));
        Assert.Equal((SetId, 5L, 258L), (header.SetId, header.Epoch, header.Sequence));
    }

    [Fact]
    public void A_commit_group_has_these_bytes()
    {
        var bytes = SealGroup();
        Assert.Equal(4096 + 4096 + 4096, bytes.Length);
        var group = bytes.AsSpan(4096);
        Assert.Equal("534E41504752500A" + "0900000000000000" + "0B00000000000000" + "03000000" + "01000000", Convert.ToHexString(group[..32]));
        Assert.Equal(Golden.GroupChecksum, Convert.ToHexString(group[32..40]));
        Assert.Equal("2A00000000000000" + "0000000000000000" + "00000000" + "01000000", Convert.ToHexString(group[40..64]));
        Assert.Equal("2B00000000000000" + Golden.DataChecksum + "00000000" + "00000000", Convert.ToHexString(group[64..88]));
        Assert.Equal("2C00000000000000" + "0000000000000000" + "00000000" + "02000000", Convert.ToHexString(group[88..112]));
        Assert.False(group[112..4096].ContainsAnyExcept((byte)0));
        Assert.Equal(new byte[] { 1, 2, 3 }, group[4096..4099].ToArray());
    }

    [Fact]
    public void What_was_written_is_read()
    {
        Assert.True(LogSuperblock.TryRead(WriteSuperblock(), out var superblock));
        Assert.Equal((3, 4, 65536, 15L, 1L << 32, 7UL), (
            superblock.LogNumber, superblock.LogCount, superblock.SegmentSize, superblock.SegmentCount, superblock.SourceSize, superblock.Generation));
        Assert.True(GroupHeader.TryRead(SealGroup().AsSpan(4096), out var group));
        Assert.Equal((9L, 11L, 3, 1), (group.SegmentSequence, group.Number, group.RecordCount, group.DataBlocks));
        Assert.True(BlockRecord.TryRead(SealGroup().AsSpan(4096 + GroupHeader.Size + BlockRecord.Size), out var record));
        Assert.Equal((43L, 0, PreservedKind.Data), (record.Block, record.DataIndex, record.Kind));
    }

    [Fact]
    public void One_flipped_bit_anywhere_makes_a_header_unreadable()
    {
        AssertEveryFlipIsFound(WriteSuperblock(), bytes => LogSuperblock.TryRead(bytes, out var read) && read.Version == LogSuperblock.CurrentVersion);
        AssertEveryFlipIsFound(SealGroup()[..4096], bytes => SegmentHeader.TryRead(bytes, out _));
        AssertEveryFlipIsFound(SealGroup()[4096..8192], bytes => GroupHeader.TryRead(bytes, out _));
    }

    [Fact]
    public void One_byte_short_is_unreadable()
    {
        Assert.False(LogSuperblock.TryRead(WriteSuperblock().AsSpan(0, LogSuperblock.Size - 1), out _));
        Assert.False(SegmentHeader.TryRead(SealGroup().AsSpan(0, SegmentHeader.Size - 1), out _));
        Assert.False(GroupHeader.TryRead(SealGroup().AsSpan(4096, 4095), out _));
        Assert.False(GroupHeader.TryRead(SealGroup().AsSpan(4096, GroupHeader.Size - 1), out _));
        Assert.False(BlockRecord.TryRead(new byte[BlockRecord.Size - 1], out _));
        Assert.False(LogSuperblock.TryRead([], out _));
    }

    [Theory]
    [InlineData(24, 0)]
    [InlineData(24, -1)]
    [InlineData(24, int.MaxValue)]
    [InlineData(28, -1)]
    [InlineData(28, 4)]
    public void Absurd_counts_in_a_group_are_refused_before_they_are_used(int at, int value)
    {
        var bytes = SealGroup()[4096..];
        BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
        Assert.False(GroupHeader.TryRead(bytes, out _));
    }

    [Theory]
    [InlineData(73_728, 4096, 65_536)]
    [InlineData(1L << 30, 4096, 2 << 20)]
    [InlineData(1L << 40, 4096, 16 << 20)]
    [InlineData(5L << 20, 1 << 20, 4 << 20)]
    public void Segments_grow_with_the_log_and_hold_some_blocks(long logSize, int blockSize, int segmentSize) =>
        Assert.Equal(segmentSize, LogLayout.SegmentSize(logSize, blockSize));

    private static byte[] WriteSuperblock()
    {
        var slot = new byte[LogSuperblock.Size];
        new LogSuperblock
        {
            Version = 1,
            BlockSize = 4096,
            SetId = SetId,
            LogNumber = 3,
            LogCount = 4,
            SegmentSize = 65536,
            SegmentCount = 15,
            SourceSize = 1L << 32,
            Generation = 7,
        }.Write(slot);
        return slot;
    }

    /// <summary>A segment's first group: block 42 was zero, 43 had data, 44 could not be read.</summary>
    private static byte[] SealGroup()
    {
        var group = new CommitGroup(4096, 8);
        group.Staging(0, 8).Span.Clear();
        group.Add(42, readable: true);
        new byte[] { 1, 2, 3 }.CopyTo(group.Staging(1, 1));
        group.Add(43, readable: true);
        group.Add(44, readable: false);
        return group.Seal(new SegmentHeader { SetId = SetId, Epoch = 5, Sequence = 9 }, 9, 11).ToArray();
    }

    private static void AssertEveryFlipIsFound(byte[] good, Func<byte[], bool> isReadable)
    {
        Assert.True(isReadable(good));
        for (var bit = 0; bit < good.Length * 8; bit += bit < 1200 ? 1 : 37)
        {
            good[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(isReadable(good), $"bit {bit} was flipped and not noticed");
            good[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
