using System.Buffers.Binary;
using System.Text;
using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests;

public sealed class NegotiationTests
{
    private const uint ExportName = 1;
    private const uint Abort = 2;
    private const uint List = 3;
    private const uint Info = 6;
    private const uint Go = 7;
    private const uint StructuredReply = 8;

    private const uint Ack = 1;
    private const uint ErrorUnsupported = 0x80000001;
    private const uint ErrorInvalid = 0x80000003;
    private const uint ErrorUnknown = 0x80000006;
    private const uint ErrorTooBig = 0x80000009;

    [Fact]
    public async Task The_server_greets_with_fixed_newstyle()
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        Assert.Equal("4E42444D41474943 49484156454F5054 0003", Hex.Of(client.Receive(18), 8, 8, 2));
    }

    [Fact]
    public async Task The_list_names_every_export_with_its_description()
    {
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("snap0", 4096), new MemoryBlockDevice("snäp1", 4096)));
        using var client = server.Connect();
        client.Greet();
        client.SendOption(List);
        Assert.Equal((2u, "snap0description of snap0"), Listed(client));
        Assert.Equal((2u, "snäp1description of snäp1"), Listed(client));
        Assert.Equal(Ack, client.ReceiveOptionReply(List).Type);

        static (uint, string) Listed(RawClient client)
        {
            var (type, data) = client.ReceiveOptionReply(List);
            Assert.InRange(BinaryPrimitives.ReadInt32BigEndian(data), 5, 6);
            return (type, Encoding.UTF8.GetString(data, 4, data.Length - 4));
        }
    }

    [Fact]
    public async Task INFO_tells_size_flags_block_sizes_name_and_description_and_leaves_nothing_open()
    {
        var exports = new TestExports(new MemoryBlockDevice("disk", 8192));
        await using var server = new TestServer(exports);
        using var client = server.Connect();
        client.Greet();
        client.SendOption(Info, RawClient.InfoData("", 1, 2, 3));
        // HAS_FLAGS, FLUSH, FUA, TRIM, WRITE_ZEROES, MULTI_CONN, CACHE, FAST_ZERO.
        Assert.Equal("0000 0000000000002000 0D6D", Hex.Of(client.ReceiveOptionReply(Info).Data, 2, 8, 2));
        Assert.Equal("0003 00000001 00001000 02000000", Hex.Of(client.ReceiveOptionReply(Info).Data, 2, 4, 4, 4));
        Assert.Equal("\0\u0001disk", Encoding.UTF8.GetString(client.ReceiveOptionReply(Info).Data));
        Assert.Equal("\0\u0002description of disk", Encoding.UTF8.GetString(client.ReceiveOptionReply(Info).Data));
        Assert.Equal(Ack, client.ReceiveOptionReply(Info).Type);
        Assert.Equal(0, exports.OpenHandles);
    }

    [Fact]
    public async Task DF_is_offered_once_structured_replies_are_negotiated_and_a_read_only_export_says_so()
    {
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", 8192) { IsReadOnly = true }));
        using var client = server.Connect();
        client.Greet();
        client.SendOption(StructuredReply);
        Assert.Equal(Ack, client.ReceiveOptionReply(StructuredReply).Type);
        client.SendOption(Info, RawClient.InfoData("disk"));
        Assert.Equal("0000 0000000000002000 058F", Hex.Of(client.ReceiveOptionReply(Info).Data, 2, 8, 2));
    }

    [Theory]
    [InlineData(3u, 10)]
    [InlineData(1u, 134)]
    public async Task EXPORT_NAME_enters_with_or_without_padding(uint clientFlags, int replySize)
    {
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", 8192)));
        using var client = server.Connect();
        client.Greet(clientFlags);
        client.SendOption(ExportName, "disk"u8.ToArray());
        Assert.Equal("0000000000002000 0D6D", Hex.Of(client.Receive(replySize).AsSpan(0, 10), 8, 2));
        Assert.Equal(0u, client.Ask(0, 0, 512).Error);
    }

    [Fact]
    public async Task EXPORT_NAME_of_an_unknown_export_ends_the_connection()
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet();
        client.SendOption(ExportName, "disk"u8.ToArray());
        client.ExpectEnd();
        var failure = await server.NextFailureAsync();
        Assert.Equal(NbdError.UnknownExport, failure.Reason);
        Assert.Contains("'disk'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("")]
    public async Task An_unknown_export_and_an_ambiguous_default_are_refused_and_the_client_may_go_on(string name)
    {
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("a", 4096), new MemoryBlockDevice("b", 4096)));
        using var client = server.Connect();
        client.Greet();
        client.SendOption(Go, RawClient.InfoData(name));
        var (type, message) = client.ReceiveOptionReply(Go);
        Assert.Equal(ErrorUnknown, type);
        Assert.Contains($"'{name}'", Encoding.UTF8.GetString(message), StringComparison.Ordinal);
        client.SendOption(Go, RawClient.InfoData("b"));
        Assert.Equal(3u, client.ReceiveOptionReply(Go).Type);
    }

    [Fact]
    public async Task Why_an_export_cannot_be_opened_is_told_to_the_client()
    {
        var exports = new TestExports().Add("disk", () => throw new BlockDeviceException(BlockDeviceError.Busy, "It is mounted."));
        await using var server = new TestServer(exports);
        using var client = server.Connect();
        client.Greet();
        client.SendOption(Go, RawClient.InfoData("disk"));
        var (type, message) = client.ReceiveOptionReply(Go);
        Assert.Equal((ErrorUnknown, "It is mounted."), (type, Encoding.UTF8.GetString(message)));
    }

    [Fact]
    public async Task An_export_that_fails_beyond_expectation_costs_the_connection_and_is_reported()
    {
        var cause = new InvalidOperationException("a fault");
        await using var server = new TestServer(new TestExports().Add("disk", () => throw cause));
        using var client = server.Connect();
        client.Greet();
        client.SendOption(Go, RawClient.InfoData("disk"));
        client.ExpectEnd();
        var failure = await server.NextFailureAsync();
        Assert.Equal(NbdError.ConnectionFailed, failure.Reason);
        Assert.Same(cause, failure.InnerException);
    }

    [Fact]
    public async Task ABORT_is_acknowledged_and_ends_the_connection()
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet();
        client.SendOption(Abort);
        Assert.Equal(Ack, client.ReceiveOptionReply(Abort).Type);
        client.ExpectEnd();
    }

    [Theory]
    [InlineData(4u, "")] // PEEK_EXPORT, withdrawn
    [InlineData(5u, "")] // STARTTLS, without a certificate
    [InlineData(7777u, "some data that has to be skipped")]
    [InlineData(0xFFFFFFFFu, "")]
    public async Task An_unknown_option_is_answered_so_and_negotiation_goes_on(uint option, string data)
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet();
        client.SendOption(option, Encoding.UTF8.GetBytes(data));
        Assert.Equal(ErrorUnsupported, client.ReceiveOptionReply(option).Type);
        client.SendOption(List);
        Assert.Equal(Ack, client.ReceiveOptionReply(List).Type);
    }

    [Theory]
    [InlineData(List, "00")]
    [InlineData(StructuredReply, "00")]
    [InlineData(Info, "00000009 61 0000")]
    [InlineData(Go, "")]
    public async Task An_option_whose_data_is_wrong_is_refused_and_negotiation_goes_on(uint option, string data)
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet();
        client.SendOption(option, Hex.Bytes(data));
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(option).Type);
        client.SendOption(List);
        Assert.Equal(Ack, client.ReceiveOptionReply(List).Type);
    }

    [Fact]
    public async Task An_oversized_option_is_skipped_and_refused_and_negotiation_goes_on()
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet();
        client.SendOption(Info, new byte[1_000_000]);
        Assert.Equal(ErrorTooBig, client.ReceiveOptionReply(Info).Type);
        client.SendOption(List);
        Assert.Equal(Ack, client.ReceiveOptionReply(List).Type);
    }

    [Fact]
    public async Task An_oversized_or_malformed_export_name_ends_the_connection()
    {
        await using var server = new TestServer(new TestExports());
        foreach (var name in new[] { new byte[100_000], [0xFF, 0xFE] })
        {
            using var client = server.Connect();
            client.Greet();
            client.SendOption(ExportName, name);
            client.ExpectEnd();
            Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
        }
    }

    [Fact]
    public async Task Client_flags_that_were_not_offered_end_the_connection()
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet(flags: 7);
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
    }

    [Fact]
    public async Task What_is_not_an_option_ends_the_connection()
    {
        await using var server = new TestServer(new TestExports());
        using var client = server.Connect();
        client.Greet();
        client.Send("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
    }

    [Fact]
    public async Task Who_does_not_finish_negotiating_in_time_is_cut_off()
    {
        var time = new ManualTimeProvider();
        var options = new NbdServerOptions { TimeProvider = time };
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", 4096)), options);
        using var idle = server.Connect();
        idle.Receive(18);
        time.LetTimeoutsPass();
        idle.ExpectEnd();
        Assert.Equal(NbdError.HandshakeTimeout, (await server.NextFailureAsync()).Reason);

        using var ready = server.Enter();
        Assert.Equal(0u, ready.Ask(0, 0, 512).Error);
        time.LetTimeoutsPass();
        Assert.Equal(0u, ready.Ask(0, 0, 512).Error);
    }
}
