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
            new RequestHeader(CommandFlags.ForceUnitAccess, Command.Write, 0x0102030405060708, 0x1112131415161718, 4096), request);
        Assert.Equal(4096u, request.PayloadLength);
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
    public void Only_a_write_has_a_payload() =>
        Assert.Equal(0u, new RequestHeader(CommandFlags.None, Command.WriteZeroes, 1, 0, 4096).PayloadLength);

    [Fact]
    public void A_simple_reply_is_these_bytes()
    {
        var bytes = new byte[SimpleReplyHeader.Size];
        new SimpleReplyHeader(NbdErrno.ESHUTDOWN, 0x0102030405060708).Write(bytes);
        Assert.Equal("67446698 0000006C 0102030405060708", Hex.Of(bytes, 4, 4, 8));
    }

    [Fact]
    public void The_chunk_that_carries_data_begins_with_these_bytes()
    {
        var bytes = new byte[OffsetDataChunk.Size];
        new OffsetDataChunk(0x0102030405060708, 0x1112131415161718, 0x1000).Write(bytes);
        Assert.Equal("668E33EF 0001 0001 0102030405060708 00001008 1112131415161718", Hex.Of(bytes, 4, 2, 2, 8, 4, 8));
    }

    [Fact]
    public void The_chunk_that_carries_an_error_is_these_bytes()
    {
        var bytes = new byte[ErrorChunk.MaxSize];
        var size = new ErrorChunk(0x0102030405060708, NbdErrno.EIO, "bäd").Write(bytes);
        Assert.Equal("668E33EF 0001 8001 0102030405060708 0000000A 00000005 0004 62C3A464", Hex.Of(bytes.AsSpan(0, size), 4, 2, 2, 8, 4, 4, 2, 4));
    }

    [Fact]
    public void An_error_s_long_message_is_cut_between_characters()
    {
        var bytes = new byte[ErrorChunk.MaxSize];
        var size = new ErrorChunk(1, NbdErrno.EIO, "x" + new string('ä', 2000)).Write(bytes);
        Assert.Equal(ErrorChunk.MaxSize - 1, size);
        Assert.Equal("x" + new string('ä', 511), Encoding.UTF8.GetString(bytes, 26, size - 26));
    }
}
