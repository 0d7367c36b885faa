using System.Buffers.Binary;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

public sealed class LogSuperblockTests
{
    private const int VersionAt = 8;

    [Fact]
    public void It_has_these_bytes()
    {
        var bytes = Written();
        Assert.Equal(
            "534E41504C4F470A" + "02000000" + "00100000" + "33221100554477668899AABBCCDDEEFF" + "0300" + "0000" + "00000100"
            + "0F00000000000000" + "0000000001000000" + "0700000000000000" + "00000100" + "00000000" + "04C844B83C7A0C0B",
            Convert.ToHexString(bytes[..80]));
        Assert.False(bytes.AsSpan(80).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_volatile_one_says_so()
    {
        var bytes = new byte[LogSuperblock.Size];
        var written = Example.Superblock with { IsVolatile = true };
        written.Write(bytes);
        Assert.Equal(1, bytes[68]);
        Assert.True(LogSuperblock.TryRead(bytes, out var read));
        Assert.Equal(written, read);
    }

    [Fact]
    public void What_was_written_is_read()
    {
        Assert.True(LogSuperblock.TryRead(Written(), out var read));
        Assert.Equal(Example.Superblock, read);
        Assert.True(read.IsCurrent);
    }

    [Fact]
    public void It_is_one_sector_and_leaves_what_follows_alone()
    {
        Assert.Equal(512, LogSuperblock.Size);
        var bytes = new byte[LogSuperblock.Size + 1];
        bytes.AsSpan().Fill(0xEE);
        Example.Superblock.Write(bytes);
        Assert.Equal(0xEE, bytes[^1]);
    }

    [Fact]
    public void One_byte_short_is_none()
    {
        Assert.False(LogSuperblock.TryRead(Written().AsSpan(..^1), out _));
        Assert.False(LogSuperblock.TryRead([], out _));
    }

    [Fact]
    public void Every_flipped_bit_is_found_or_makes_it_one_of_another_version() =>
        Flips.AssertEachIsFound(Written(), bytes => LogSuperblock.TryRead(bytes, out var read) && read.IsCurrent);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(uint.MaxValue)]
    public void One_of_another_version_is_told_whatever_else_stands_there(uint version)
    {
        var bytes = Written();
        bytes.AsSpan(VersionAt).Fill(0xEE);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(VersionAt), version);
        Assert.True(LogSuperblock.TryRead(bytes, out var read));
        Assert.Equal((version, false), (read.Version, read.IsCurrent));
    }

    [Fact]
    public void There_is_no_version_0()
    {
        var bytes = Written();
        bytes.AsSpan(VersionAt, sizeof(uint)).Clear();
        Assert.False(LogSuperblock.TryRead(bytes, out _));
    }

    private static byte[] Written()
    {
        var bytes = new byte[LogSuperblock.Size];
        Example.Superblock.Write(bytes);
        return bytes;
    }
}
