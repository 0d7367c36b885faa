using System.Text;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Tests.Wire;

public sealed class TransmissionBytesTests
{
    private const string WriteRequest = "25609513 0001 0001 0102030405060708 1112131415161718 00001000";

    [Fact]
    public void A_request_is_read_from_these_bytes()
    {
        var bytes = Hex.Bytes(WriteRequest);
        Assert.True(RequestHeader.TryRead(bytes, out var request));
        Assert.Equal(
            new Request(CommandFlags.ForceUnitAccess, Command.Write, 0x0102030405060708, 0x1112131415161718, 4096, HasPayload: true), request);
        Assert.Equal(4096ul, request.PayloadLength);
        Assert.Equal(RequestHeader.Size, bytes.Length);
    }

    [Fact]
    public void A_request_one_byte_short_or_with_another_magic_is_none()
    {
        var bytes = Hex.Bytes(WriteRequest);
        Assert.False(RequestHeader.TryRead(bytes.AsSpan(0, bytes.Length - 1), out _));
        bytes[3] ^= 1;
        Assert.False(RequestHeader.TryRead(bytes, out _));
    }

    [Fact]
    public void Only_a_write_has_a_payload()
    {
        Assert.True(RequestHeader.TryRead(Hex.Bytes("25609513 0000 0006 0102030405060708 1112131415161718 00001000"), out var request));
        Assert.Equal(0ul, request.PayloadLength);
    }

    [Theory]
    [InlineData("0000 0001", 5L << 32)]
    [InlineData("0020 0001", 5L << 32)]
    [InlineData("0020 0007", 5L << 32)]
    [InlineData("0000 0007", 0)]
    public void An_extended_request_is_read_from_these_bytes(string flagsAndCommand, long payload)
    {
        var bytes = Hex.Bytes($"21e41c71 {flagsAndCommand} 0102030405060708 1112131415161718 0000000500000000");
        Assert.True(ExtendedRequestHeader.TryRead(bytes, out var request));
        Assert.Equal((0x0102030405060708ul, 0x1112131415161718ul, 5ul << 32), (request.Cookie, request.Offset, request.Length));
        Assert.Equal((ulong)payload, request.PayloadLength);
        Assert.Equal(ExtendedRequestHeader.Size, bytes.Length);
        Assert.False(ExtendedRequestHeader.TryRead(bytes.AsSpan(1), out _));
        Assert.False(RequestHeader.TryRead(bytes, out _));
    }

    [Fact]
    public void An_extended_chunk_begins_with_these_bytes()
    {
        var bytes = new byte[ExtendedChunkHeader.Size];
        new ExtendedChunkHeader(ChunkFlags.Done, ChunkType.OffsetData, 0x0102030405060708, 0x1112131415161718, 0x1008).Write(bytes);
        Assert.Equal("6E8A278C 0001 0001 0102030405060708 1112131415161718 0000000000001008", Hex.Of(bytes, 4, 2, 2, 8, 8, 8));
    }

    [Fact]
    public void The_statuses_of_a_context_are_these_bytes()
    {
        var payload = new StatusPayload(7, [new StatusExtent(0x1000, 3), new StatusExtent(0x2000, 0)]);
        var bytes = new byte[payload.Size];
        payload.Write(bytes);
        Assert.Equal("00000007 00001000 00000003 00002000 00000000", Hex.Of(bytes, 4, 4, 4, 4, 4));
        var extended = new ExtendedStatusPayload(7, [new StatusExtent(5L << 32, 3)]);
        bytes = new byte[extended.Size];
        extended.Write(bytes);
        Assert.Equal("00000007 00000001 0000000500000000 0000000000000003", Hex.Of(bytes, 4, 4, 8, 8));
    }

    [Fact]
    public void A_simple_reply_is_these_bytes()
    {
        var bytes = new byte[SimpleReplyHeader.Size];
        new SimpleReplyHeader(NbdErrno.ESHUTDOWN, 0x0102030405060708).Write(bytes);
        Assert.Equal("67446698 0000006C 0102030405060708", Hex.Of(bytes, 4, 4, 8));
    }

    [Fact]
    public void A_chunk_begins_with_these_bytes()
    {
        var bytes = new byte[ChunkHeader.Size];
        new ChunkHeader(ChunkFlags.Done, ChunkType.OffsetData, 0x0102030405060708, 0x1008).Write(bytes);
        Assert.Equal("668E33EF 0001 0001 0102030405060708 00001008", Hex.Of(bytes, 4, 2, 2, 8, 4));
    }

    [Fact]
    public void What_a_chunk_says_of_an_error_is_these_bytes()
    {
        var bytes = new byte[ErrorPayload.MaxSize];
        var size = new ErrorPayload(NbdErrno.EIO, "bäd").Write(bytes);
        Assert.Equal("00000005 0004 62C3A464", Hex.Of(bytes.AsSpan(0, size), 4, 2, 4));
    }

    [Fact]
    public void An_error_s_long_message_is_cut_between_characters()
    {
        var bytes = new byte[ErrorPayload.MaxSize];
        var size = new ErrorPayload(NbdErrno.EIO, "x" + new string('ä', 2000)).Write(bytes);
        Assert.Equal(ErrorPayload.MaxSize - 1, size);
        Assert.Equal("x" + new string('ä', 511), Encoding.UTF8.GetString(bytes, 6, size - 6));
    }
}
