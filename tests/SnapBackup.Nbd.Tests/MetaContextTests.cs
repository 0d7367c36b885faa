using System.Text;
using SnapBackup.Blocks;
using static SnapBackup.Nbd.Tests.RawClient;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

public sealed class MetaContextTests : IAsyncDisposable
{
    private const uint ListContexts = 9;
    private const uint SetContexts = 10;
    private const uint Ack = 1;
    private const uint ErrorInvalid = 0x80000003;
    private const uint ErrorUnknown = 0x80000006;
    private const uint ErrorTooBig = 0x80000009;

    private const ushort BlockStatus = 7;
    private const ushort OneExtent = 8;
    private const int Size = 1 << 20;

    private readonly MemoryBlockDevice _disk = new("disk", Size);
    private readonly TestExports _exports;

    public MetaContextTests()
    {
        Pattern(8192, 1).CopyTo(_disk.Content, 65536);
        _exports = new TestExports(_disk, new MemoryBlockDevice("other", 4096))
            .AddPoint("disk", "monday", new NbdChange(0, 4096), new NbdChange(8192, 4096))
            .AddPoint("disk", "tuesday", new NbdChange(Size - 4096, 4096))
            .AddPoint("other", "sunday");
    }

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Theory]
    [InlineData("", "base:allocation qemu:dirty-bitmap:monday qemu:dirty-bitmap:tuesday")]
    [InlineData("base:", "base:allocation")]
    [InlineData("qemu:", "qemu:dirty-bitmap:monday qemu:dirty-bitmap:tuesday")]
    [InlineData("qemu:dirty-bitmap:", "qemu:dirty-bitmap:monday qemu:dirty-bitmap:tuesday")]
    [InlineData("qemu:dirty-bitmap:tuesday base:allocation", "base:allocation qemu:dirty-bitmap:tuesday")]
    [InlineData("qemu:dirty-bitmap:sunday qemu:allocation-depth base:alloc x-own:thing", "")]
    public async Task LIST_names_the_contexts_that_a_query_means(string queries, string expected)
    {
        await using var server = new TestServer(_exports);
        using var client = Structured(server);
        client.SendOption(ListContexts, ContextData("disk", Words(queries)));
        var (contexts, last) = client.ReceiveContexts(ListContexts);
        Assert.Equal((expected, Ack), (string.Join(' ', contexts.Select(context => context.Name)), last));
    }

    [Theory]
    [InlineData("base:allocation", "base:allocation")]
    [InlineData("qemu:dirty-bitmap:tuesday base:allocation", "base:allocation qemu:dirty-bitmap:tuesday")]
    [InlineData("base: qemu:dirty-bitmap:", "")]
    [InlineData("", "")]
    public async Task SET_takes_whole_names_only_and_numbers_them(string queries, string expected)
    {
        await using var server = new TestServer(_exports);
        using var client = Structured(server);
        client.SendOption(SetContexts, ContextData("disk", Words(queries)));
        var (contexts, last) = client.ReceiveContexts(SetContexts);
        Assert.Equal((expected, Ack), (string.Join(' ', contexts.Select(context => context.Name)), last));
        Assert.Equal(contexts.Count, contexts.Select(context => context.Number).Distinct().Count());
    }

    [Fact]
    public async Task The_allocation_tells_holes_from_data_up_to_the_end_that_was_asked_for()
    {
        await using var server = new TestServer(_exports);
        using var client = Enter(server, "base:allocation");
        Assert.Equal("65536:3 8192:0 950272:3", Status(client, 1, 65536 + 8192 + 950_272));
        Assert.Equal("1536:3 512:0", Status(client, 1, 2048, offset: 64_000));
        Assert.Equal("64000:3", Status(client, 1, Size - 1536, OneExtent, offset: 1536));
    }

    [Fact]
    public async Task A_dirty_bitmap_tells_what_changed_since_its_point()
    {
        await using var server = new TestServer(_exports);
        using var client = Enter(server, "qemu:dirty-bitmap:monday");
        Assert.Equal("4096:1 4096:0 4096:1 1036288:0", Status(client, 1, Size));
        Assert.Equal("96:1 4096:0 1:1", Status(client, 1, 4193, offset: 4000));
    }

    [Fact]
    public async Task Of_two_contexts_each_has_a_chunk_of_its_own()
    {
        await using var server = new TestServer(_exports);
        using var client = Enter(server, "base:allocation", "qemu:dirty-bitmap:tuesday");
        client.Send(Request(BlockStatus, 5, 0, Size));
        var first = client.ReceiveChunk();
        var second = client.ReceiveChunk();
        Assert.Equal((0, 5, 5ul), (first.Flags, first.Type, first.Cookie));
        Assert.Equal((1, 5, 5ul), (second.Flags, second.Type, second.Cookie));
        Assert.Equal("1 65536:3 8192:0 974848:3", Text(first.Body));
        Assert.Equal("2 1044480:0 4096:1", Text(second.Body));
    }

    [Fact]
    public async Task More_extents_than_a_reply_may_have_are_told_by_the_next_request()
    {
        var changes = Enumerable.Range(0, 2000).Select(number => new NbdChange(number * 512L, 256)).ToArray();
        await using var server = new TestServer(new TestExports(_disk).AddPoint("disk", "many", changes));
        using var client = Enter(server, "qemu:dirty-bitmap:many");
        var told = new List<string>();
        for (var offset = 0L; offset < Size;)
        {
            var part = Status(client, 1, (uint)(Size - offset), offset: (ulong)offset).Split(' ');
            told.AddRange(part);
            offset += part.Sum(extent => long.Parse(extent.Split(':')[0], null));
        }

        Assert.Equal(4000, told.Count);
        Assert.Equal(2000, told.Count(extent => extent == "256:1"));
    }

    [Fact]
    public async Task The_choice_is_for_the_export_it_named_and_the_last_one_counts()
    {
        await using var server = new TestServer(_exports);
        using var client = Structured(server);
        client.SendOption(SetContexts, ContextData("other", "base:allocation"));
        Assert.Equal(Ack, client.ReceiveContexts(SetContexts).Last);
        client.Go("disk");
        client.Send(Request(BlockStatus, 1, 0, 512));
        Assert.Equal(0x8001, client.ReceiveChunk().Type);

        using var again = Structured(server);
        foreach (var query in new[] { "base:allocation", "qemu:dirty-bitmap:monday" })
        {
            again.SendOption(SetContexts, ContextData("disk", query));
            Assert.Equal(Ack, again.ReceiveContexts(SetContexts).Last);
        }

        again.Go("disk");
        Assert.Equal("4096:1", Status(again, 1, 4096));
    }

    [Fact]
    public async Task Without_structured_replies_there_are_no_contexts()
    {
        await using var server = new TestServer(_exports);
        using var client = server.Connect();
        client.Greet();
        client.SendOption(ListContexts, ContextData("disk"));
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(ListContexts).Type);
    }

    [Theory]
    [InlineData("nothing", "base:allocation", ErrorUnknown)]
    [InlineData("disk", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", ErrorTooBig)]
    public async Task A_choice_that_cannot_be_is_refused_and_negotiation_goes_on(string export, string queries, uint error)
    {
        await using var server = new TestServer(_exports);
        using var client = Structured(server);
        client.SendOption(SetContexts, ContextData(export, Words(queries)));
        Assert.Equal(error, client.ReceiveContexts(SetContexts).Last);
        client.Go("disk");
        Assert.Equal(new byte[512], client.Ask(0, 0, 512).Data);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000004 6469736B")]
    [InlineData("00000004 6469736B 00000001")]
    [InlineData("00000004 6469736B FFFFFFFF")]
    [InlineData("00000004 6469736B 00000001 FFFFFFFF 61")]
    [InlineData("00000004 6469736B 00000000 00")]
    [InlineData("00000001 FF 00000000")]
    public async Task Lengths_that_do_not_add_up_are_refused_and_negotiation_goes_on(string data)
    {
        await using var server = new TestServer(_exports);
        using var client = Structured(server);
        client.SendOption(SetContexts, Hex.Bytes(data));
        Assert.Equal(ErrorInvalid, client.ReceiveOptionReply(SetContexts).Type);
        client.Go("disk");
    }

    [Fact]
    public async Task A_point_that_cannot_be_told_any_more_refuses_the_choice_with_the_reason()
    {
        var exports = new FailingPoints(_exports);
        await using var server = new TestServer(exports);
        using var client = Structured(server);
        client.SendOption(SetContexts, ContextData("disk", "qemu:dirty-bitmap:monday"));
        var (type, message) = client.ReceiveOptionReply(SetContexts);
        Assert.Equal((ErrorInvalid, "Its changes are lost."), (type, Encoding.UTF8.GetString(message)));
    }

    [Fact]
    public async Task A_device_that_cannot_tell_its_extents_fails_the_one_request()
    {
        _disk.Fault = (operation, _, _) =>
        {
            if (operation == "extent")
                throw new BlockDeviceException(BlockDeviceError.InputOutput, "The medium is worn out.");
        };
        await using var server = new TestServer(_exports);
        using var client = Enter(server, "base:allocation");
        client.Send(Request(BlockStatus, 9, 0, 512));
        var (_, type, cookie, body) = client.ReceiveChunk();
        Assert.Equal((0x8001, 9ul, "The medium is worn out."), (type, cookie, Encoding.UTF8.GetString(body[6..])));
        Assert.Equal(new byte[512], client.Ask(0, 0, 512).Data);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static RawClient Structured(TestServer server)
    {
        var client = server.Connect();
        client.Greet();
        client.NegotiateStructuredReplies();
        return client;
    }

    private static RawClient Enter(TestServer server, params string[] contexts)
    {
        var client = Structured(server);
        client.SendOption(SetContexts, ContextData("disk", contexts));
        Assert.Equal(contexts.Length, client.ReceiveContexts(SetContexts).Contexts.Count);
        client.Go("disk");
        return client;
    }

    private static string Status(RawClient client, uint context, uint length, ushort flags = 0, ulong offset = 0)
    {
        client.Send(Request(BlockStatus, 77, offset, length, flags));
        var chunk = client.ReceiveChunk();
        Assert.Equal((1, 5, 77ul), (chunk.Flags, chunk.Type, chunk.Cookie));
        var text = Text(chunk.Body);
        Assert.StartsWith($"{context} ", text, StringComparison.Ordinal);
        return text[2..];
    }

    private static string Text(byte[] body)
    {
        var numbers = body.Chunk(4).Select(bytes => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes)).ToList();
        return $"{numbers[0]} {string.Join(' ', numbers.Skip(1).Chunk(2).Select(pair => $"{pair[0]}:{pair[1]}"))}";
    }

    private sealed class FailingPoints(INbdExports exports) : INbdExports
    {
        public IReadOnlyList<NbdExport> List() => exports.List();

        public IBlockDevice? TryOpen(string name) => exports.TryOpen(name);

        public IReadOnlyList<string>? ListPoints(string export) => exports.ListPoints(export);

        public IReadOnlyList<NbdChange> GetChanges(string export, string point) =>
            throw new BlockDeviceException(BlockDeviceError.InputOutput, "Its changes are lost.");
    }
}
