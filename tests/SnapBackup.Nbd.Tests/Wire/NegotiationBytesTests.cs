using System.Text;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Tests.Wire;

public sealed class NegotiationBytesTests
{
    [Fact]
    public void The_hello_is_these_bytes()
    {
        var bytes = new byte[ServerHello.Size];
        new ServerHello(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes).Write(bytes);
        Assert.Equal("4E42444D41474943 49484156454F5054 0003", Hex.Of(bytes, 8, 8, 2));
    }

    [Fact]
    public void An_option_header_is_read_from_these_bytes()
    {
        var bytes = Hex.Bytes("49484156454F5054 00000007 00000102");
        Assert.True(OptionHeader.TryRead(bytes, out var header));
        Assert.Equal(new OptionHeader(Option.Go, 0x102), header);
        Assert.Equal(OptionHeader.Size, bytes.Length);
    }

    [Fact]
    public void An_option_header_one_byte_short_or_with_another_magic_is_none()
    {
        var bytes = Hex.Bytes("49484156454F5054 00000007 00000102");
        Assert.False(OptionHeader.TryRead(bytes.AsSpan(0, bytes.Length - 1), out _));
        bytes[7] ^= 1;
        Assert.False(OptionHeader.TryRead(bytes, out _));
    }

    [Fact]
    public void An_option_reply_header_is_these_bytes()
    {
        var bytes = new byte[OptionReplyHeader.Size];
        new OptionReplyHeader(Option.List, OptionReplyType.ErrorTooBig, 0x304).Write(bytes);
        Assert.Equal("0003E889045565A9 00000003 80000009 00000304", Hex.Of(bytes, 8, 4, 4, 4));
    }

    [Fact]
    public void The_export_information_is_these_bytes()
    {
        var bytes = new byte[ExportInfo.Size];
        new ExportInfo(0x0102030405060708, TransmissionFlags.HasFlags | TransmissionFlags.CanMultiConnection).Write(bytes);
        Assert.Equal("0000 0102030405060708 0101", Hex.Of(bytes, 2, 8, 2));
    }

    [Fact]
    public void The_block_size_information_is_these_bytes()
    {
        var bytes = new byte[BlockSizeInfo.Size];
        new BlockSizeInfo(1, 4096, 32 << 20).Write(bytes);
        Assert.Equal("0003 00000001 00001000 02000000", Hex.Of(bytes, 2, 4, 4, 4));
    }

    [Fact]
    public void The_answer_to_EXPORT_NAME_is_these_bytes_and_124_zeros()
    {
        var bytes = new byte[ExportNameReply.PaddedSize];
        Array.Fill(bytes, (byte)0xFF);
        new ExportNameReply(0x1000, TransmissionFlags.HasFlags | TransmissionFlags.ReadOnly).Write(bytes);
        Assert.Equal("0000000000001000 0003", Hex.Of(bytes.AsSpan(0, ExportNameReply.Size), 8, 2));
        Assert.Equal(new byte[124], bytes[ExportNameReply.Size..]);
    }

    [Fact]
    public void What_GO_asks_for_is_read_from_these_bytes()
    {
        Assert.True(InfoRequest.TryRead(Hex.Bytes("00000003 61C3A4 0003 0003 0001 0002"), out var request));
        Assert.Equal(new InfoRequest("aä", WantsName: true, WantsDescription: true), request);
        Assert.True(InfoRequest.TryRead(Hex.Bytes("00000000 0000"), out request));
        Assert.Equal(new InfoRequest("", WantsName: false, WantsDescription: false), request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000 00")]
    [InlineData("00000001 0000")]
    [InlineData("FFFFFFFF 61 0000")]
    [InlineData("00000001 61 0001")]
    [InlineData("00000001 61 0001 0003 00")]
    [InlineData("00000001 61 0000 0003")]
    [InlineData("00000001 FF 0000")]
    [InlineData("00000001 00 0000")]
    public void What_GO_asks_for_must_add_up_and_be_a_name(string hex) => Assert.False(InfoRequest.TryRead(Hex.Bytes(hex), out _));

    [Fact]
    public void A_name_of_4096_bytes_is_taken_and_one_byte_more_is_not()
    {
        Assert.True(ExportName.TryRead(Encoding.UTF8.GetBytes(new string('n', 4096)), out _));
        Assert.False(ExportName.TryRead(Encoding.UTF8.GetBytes(new string('n', 4097)), out _));
    }
}
