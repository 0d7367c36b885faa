using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

/// <summary>Clients that break off or talk nonsense lose their own connection at most.</summary>
public sealed class MalformedTransmissionTests : IAsyncDisposable
{
    private const ushort Read = 0;

    private readonly MemoryBlockDevice _disk = new("disk", Pattern(1 << 20, 1));

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Fact]
    public async Task What_is_not_a_request_ends_the_connection_after_the_replies_owed()
    {
        var exports = new TestExports(_disk);
        await using var server = new TestServer(exports);
        using var client = server.Enter();
        client.Send([.. RawClient.Request(Read, 1, 0, 512), .. new byte[28]]);
        Assert.Equal(_disk.Content[..512], client.ReceiveReply(512).Data);
        client.ExpectEnd();
        Assert.Equal(NbdError.ProtocolViolation, (await server.NextFailureAsync()).Reason);
        Assert.Equal(0, exports.OpenHandles);
    }

    [Theory]
    [InlineData(1, 4096)] // in the header
    [InlineData(27, 4096)]
    [InlineData(28, 4096)] // before the payload
    [InlineData(4000, 4096)] // in it
    [InlineData(500_000, 1_000_000)] // in one received past the buffer
    [InlineData(100, 40_000_000)] // in one being skipped
    public async Task A_request_cut_anywhere_changes_nothing_and_closes_the_handle(int sent, int length)
    {
        var before = _disk.Content.ToArray();
        var exports = new TestExports(_disk);
        await using var server = new TestServer(exports);
        using var client = server.Enter();
        client.Send(RawClient.Write(1, 0, Pattern(length, 2))[..sent]);
        client.StopSending();
        client.ExpectEnd();
        Assert.Equal(0, exports.OpenHandles);
        Assert.Equal(before, _disk.Content);
    }

    [Fact]
    public async Task A_client_in_the_middle_of_a_request_does_not_hold_up_another()
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var half = server.Enter();
        half.Send(RawClient.Write(1, 0, Pattern(4096, 2))[..2000]);
        using var other = server.Enter();
        Assert.Equal(_disk.Content[..512], other.Ask(Read, 0, 512).Data);
        half.Send(RawClient.Write(1, 0, Pattern(4096, 2))[2000..]);
        Assert.Equal(0u, half.ReceiveReply().Error);
        Assert.Equal(Pattern(4096, 2), _disk.Content[..4096]);
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_replies_does_not_hold_up_another_nor_the_stop()
    {
        var exports = new TestExports(_disk);
        var time = new ManualTimeProvider();
        await using var server = new TestServer(exports, new NbdServerOptions { TimeProvider = time, StopTimeout = TimeSpan.FromDays(1) });
        using var deaf = server.Enter();
        deaf.Send([.. Enumerable.Range(0, 100).SelectMany(i => RawClient.Request(Read, (ulong)i, 0, 1 << 20))]);
        using (var other = server.Enter())
            Assert.Equal(_disk.Content[..512], other.Ask(Read, 0, 512).Data);

        var stopped = server.Server.DisposeAsync().AsTask();
        await time.WaitForTimerAsync(TimeSpan.FromDays(1));
        time.LetTimeoutsPass();
        await stopped;
        Assert.Equal(0, exports.OpenHandles);
    }

    [Fact]
    public async Task Nonsense_of_any_kind_leaves_the_server_serving()
    {
        var exports = new TestExports(_disk);
        var random = new Random(4711);
        await using var server = new TestServer(exports);
        for (var i = 0; i < 50; i++)
        {
            using var client = i % 2 == 0 ? server.Enter() : server.Connect();
            var noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            if (i % 4 < 2)
                "IHAVEOPT"u8.CopyTo(noise.Length >= 8 ? noise : new byte[8]);
            client.Send(noise);
            client.StopSending();
        }

        using var last = server.Enter();
        Assert.Equal(_disk.Content[..512], last.Ask(Read, 0, 512).Data);
    }

    [Fact]
    public async Task A_good_conversation_with_a_few_wrong_bytes_costs_no_more_than_its_own_connection()
    {
        var random = new Random(2001);
        var exports = new TestExports(_disk).AddPoint("disk", "monday", new NbdChange(0, 512));
        var server = new TestServer(exports);
        await using (server)
        {
            for (var i = 0; i < 600; i++)
            {
                var bytes = Conversation(extended: i % 2 == 0);
                for (var wrong = random.Next(1, 4); wrong > 0; wrong--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                using var client = server.Connect();
                client.Send(bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)]);
                client.StopSending();
                client.ReceiveToEnd();
            }

            using var last = server.Enter("disk");
            Assert.Equal(0u, last.Ask(Read, 0, 512).Error);
        }

        Assert.Equal(0, exports.OpenHandles);
        await foreach (var failure in server.AllFailuresAsync())
            Assert.True(failure.Reason is NbdError.ProtocolViolation or NbdError.UnknownExport, failure.ToString());
    }

    private static byte[] Conversation(bool extended) =>
    [
        .. RawClient.Big(3u),
        .. Option(3, []),
        .. Option(extended ? 11u : 8u, []),
        .. Option(9, RawClient.ContextData("disk", "base:", "qemu:")),
        .. Option(10, RawClient.ContextData("disk", "base:allocation", "qemu:dirty-bitmap:monday")),
        .. Option(6, RawClient.InfoData("disk", 1, 2, 3)),
        .. Option(7, RawClient.InfoData("disk", 3)),
        .. Request(extended, 0, 4096, 1000),
        .. Request(extended, 1, 8192, 3000, new byte[3000]),
        .. Request(extended, 7, 0, 100_000),
        .. Request(extended, 6, 0, 100_000),
        .. Request(extended, 4, 0, 100_000),
        .. Request(extended, 5, 0, 100_000),
        .. Request(extended, 3, 0, 0),
        .. Request(extended, 2, 0, 0),
    ];

    private static byte[] Option(uint option, byte[] data) => [.. "IHAVEOPT"u8, .. RawClient.Big(option), .. RawClient.Big((uint)data.Length), .. data];

    private static byte[] Request(bool extended, ushort command, ulong offset, uint length, byte[]? payload = null) => extended
        ? RawClient.ExtendedRequest(command, 1, offset, length, payload: payload)
        : RawClient.Request(command, 1, offset, length, payload: payload);
}
