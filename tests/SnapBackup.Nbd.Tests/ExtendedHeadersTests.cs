using System.Buffers.Binary;
using System.Text;
using static SnapBackup.Nbd.Tests.RawClient;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

/// <summary>No client that Debian 12 has speaks extended headers; this one was written from the protocol's text.</summary>
public sealed class ExtendedHeadersTests : IAsyncDisposable
{
    private const uint StructuredReply = 8;
    private const uint ExtendedHeaders = 11;
    private const uint SetMetaContext = 10;
    private const uint Ack = 1;
    private const uint ErrorInvalid = 0x80000003;
    private const uint ErrorExtendedHeadersRequired = 0x8000000A;

    private const ushort Read = 0;
    private const ushort Write = 1;
    private const ushort Flush = 3;
    private const ushort Trim = 4;
    private const ushort WriteZeroes = 6;
    private const ushort BlockStatus = 7;
    private const ushort PayloadLength = 32;

    private const ushort None = 0;
    private const ushort OffsetData = 1;
    private const ushort Error = 0x8001;
    private const ushort ExtendedBlockStatus = 6;

    private const uint EINVAL = 22;
    private const uint ENOSPC = 28;
    private const int Size = 1 << 20;

    private readonly MemoryBlockDevice _disk = new("disk", Pattern(Size, 1));

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Fact]
    public async Task Every_reply_is_one_chunk_that_echoes_cookie_and_offset()
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var client = Enter(server);
        Assert.Equal(_disk.Content[100..5100], Done(Ask(client, Read, 100, 5000), OffsetData, 100)[8..]);
        Assert.Empty(Done(Ask(client, Write, 4000, 300, PayloadLength, Pattern(300, 2)), None, 4000));
        Assert.Equal(Pattern(300, 2), _disk.Content[4000..4300]);
        Assert.Empty(Done(Ask(client, Write, 8000, 300, 0, Pattern(300, 3)), None, 8000));
        Assert.Equal(Pattern(300, 3), _disk.Content[8000..8300]);
        Assert.Empty(Done(Ask(client, WriteZeroes, 0, Size), None, 0));
        Assert.Empty(Done(Ask(client, Trim, 0, Size), None, 0));
        Assert.Empty(Done(Ask(client, Flush, 0, 0), None, 0));
        Assert.Equal(new byte[Size], _disk.Content);
    }

    [Fact]
    public async Task Requests_of_more_than_4_GiB_are_served_in_one()
    {
        await using var huge = new HugeBlockDevice("huge", 1L << 40);
        await using var server = new TestServer(new TestExports(huge));
        using var client = Enter(server, "huge");
        Assert.Empty(Done(Ask(client, WriteZeroes, 4096, (1ul << 40) - 4096), None, 4096));
        Assert.Empty(Done(Ask(client, Trim, 1ul << 33, 1ul << 35), None, 1ul << 33));
        Assert.Equal([(4096, (1L << 40) - 4096), (1L << 33, 1L << 35)], huge.Cleared);
    }

    [Fact]
    public async Task Status_of_more_than_4_GiB_is_told_in_extents_of_64_bits()
    {
        await using var huge = new HugeBlockDevice("huge", 1L << 40);
        await using var server = new TestServer(new TestExports(huge));
        using var client = Enter(server, "huge", "base:allocation");
        var body = Done(Ask(client, BlockStatus, 0, 1ul << 40), ExtendedBlockStatus, 0);
        Assert.Equal(
            "00000001 00000001 0000010000000000 0000000000000003",
            Hex.Of(body, 4, 4, 8, 8)); // context 1, one extent of 1 TiB, a hole that reads as zeros
    }

    [Theory]
    [InlineData(Read, ulong.MaxValue, 512ul, 0, EINVAL)]
    [InlineData(Read, 0ul, ulong.MaxValue, 0, EINVAL)]
    [InlineData(Read, 0ul, (32ul << 20) + 1, 0, EINVAL)]
    [InlineData(WriteZeroes, 1ul, ulong.MaxValue, 0, ENOSPC)]
    [InlineData(WriteZeroes, ulong.MaxValue, ulong.MaxValue, 0, ENOSPC)]
    [InlineData(Trim, 1ul, (ulong)long.MaxValue, 0, EINVAL)]
    [InlineData(Read, 0ul, 512ul, PayloadLength, EINVAL)]
    [InlineData(Flush, 0ul, 9ul, PayloadLength, EINVAL)]
    [InlineData(BlockStatus, 0ul, 12ul, PayloadLength, EINVAL)]
    [InlineData(99, 0ul, 1_000_000ul, PayloadLength, EINVAL)]
    public async Task A_request_that_cannot_be_is_refused_in_a_chunk_and_the_stream_stays_in_step(
        ushort command, ulong offset, ulong length, ushort flags, uint error)
    {
        var before = _disk.Content.ToArray();
        await using var server = new TestServer(new TestExports(_disk));
        using var client = Enter(server);
        var payload = flags == PayloadLength ? new byte[length] : [];
        var body = Done(Ask(client, command, offset, length, flags, payload), Error, offset);
        Assert.Equal(error, BinaryPrimitives.ReadUInt32BigEndian(body));
        Assert.NotEmpty(Encoding.UTF8.GetString(body, 6, body.Length - 6));
        Assert.Equal(before[512..1024], Done(Ask(client, Read, 512, 512), OffsetData, 512)[8..]);
        Assert.Equal(before, _disk.Content);
    }

    [Theory]
    [InlineData(Write, ulong.MaxValue)]
    [InlineData(Write, 1ul << 32)]
    [InlineData(Read, 1ul << 63)]
    public async Task A_payload_beyond_all_measure_costs_the_connection_and_no_other(ushort command, ulong length)
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var other = server.Enter();
        using var client = Enter(server);
        client.Send(ExtendedRequest(command, 1, 0, length, PayloadLength));
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
        Assert.Equal(0u, other.Ask(Read, 0, 512).Error);
    }

    [Fact]
    public async Task A_request_in_the_old_form_costs_the_connection()
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var client = Enter(server);
        client.Send([.. Request(Read, 1, 0, 512), .. new byte[100]]);
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
    }

    [Fact]
    public async Task Extended_headers_are_negotiated_once_and_structured_replies_before_them_or_not_at_all()
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var client = server.Connect();
        client.Greet();
        client.SendOption(StructuredReply);
        Assert.Equal(Ack, client.ReceiveOptionReply(StructuredReply).Type);
        client.SendOption(ExtendedHeaders, 1);
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(ExtendedHeaders).Type);
        client.SendOption(ExtendedHeaders);
        Assert.Equal(Ack, client.ReceiveOptionReply(ExtendedHeaders).Type);
        client.SendOption(ExtendedHeaders);
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(ExtendedHeaders).Type);
        client.SendOption(StructuredReply);
        Assert.Equal(ErrorExtendedHeadersRequired, client.ReceiveOptionReply(StructuredReply).Type);
    }

    private static RawClient Enter(TestServer server, string export = "disk", params string[] contexts)
    {
        var client = server.Connect();
        client.Greet();
        client.SendOption(ExtendedHeaders);
        Assert.Equal(Ack, client.ReceiveOptionReply(ExtendedHeaders).Type);
        client.SendOption(SetMetaContext, ContextData(export, contexts));
        Assert.Equal((contexts.Length, Ack), (client.ReceiveContexts(SetMetaContext) is var (chosen, last) ? (chosen.Count, last) : default));
        client.Go(export);
        return client;
    }

    private static (ushort Flags, ushort Type, ulong Cookie, ulong Offset, byte[] Body) Ask(
        RawClient client, ushort command, ulong offset, ulong length, ushort flags = 0, byte[]? payload = null)
    {
        client.Send(ExtendedRequest(command, 0xC00C1E, offset, length, flags, payload));
        return client.ReceiveExtendedChunk();
    }

    /// <summary>The body of a chunk that is the last one and of the type expected.</summary>
    private static byte[] Done((ushort Flags, ushort Type, ulong Cookie, ulong Offset, byte[] Body) chunk, ushort type, ulong offset)
    {
        Assert.Equal((1, type, 0xC00C1Eul, offset), (chunk.Flags, chunk.Type, chunk.Cookie, chunk.Offset));
        return chunk.Body;
    }
}
