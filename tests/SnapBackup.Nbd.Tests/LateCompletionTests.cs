using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

/// <summary>Devices that do not complete at once: nothing waits for them but their own requests.</summary>
public sealed class LateCompletionTests : IAsyncDisposable
{
    private const ushort Read = 0;
    private const ushort Flush = 3;

    private readonly MemoryBlockDevice _disk = new("disk", Pattern(1 << 20, 1));

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Fact]
    public async Task All_writes_of_one_receive_are_begun_before_any_is_done()
    {
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated));
        using var client = server.Enter();
        client.Send([.. Enumerable.Range(0, 16).SelectMany(i => RawClient.Write((ulong)i, (ulong)i * 4096, Pattern(4096, i)))]);
        await gated.WaitForBegunAsync(16);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"write {i * 4096}"), gated.Begun);
        gated.Open();
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (ulong)i), Enumerable.Range(0, 16).Select(_ => client.ReceiveReply().Cookie).Order());
        for (var i = 0; i < 16; i++)
            Assert.Equal(Pattern(4096, i), _disk.Content[(i * 4096)..((i + 1) * 4096)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Payloads_stay_as_received_while_the_connection_goes_on(bool structured)
    {
        // Many times the receive buffer, in sizes that end anywhere in it, and one that does not fit in it at all.
        int[] sizes = [4096, 100_000, 1, 65_536, 4095, 120_000, 300_000, 7, 200_000];
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated));
        using var client = server.Enter("disk", structured);
        var offset = 0;
        for (var i = 0; i < sizes.Length; i++)
        {
            client.Send(RawClient.Write((ulong)i, (ulong)offset, Pattern(sizes[i], 100 + i)));
            offset += sizes[i];
        }

        await gated.WaitForBegunAsync(sizes.Length);
        gated.Open();
        for (var i = 0; i < sizes.Length; i++)
            Assert.Equal(0u, client.ReceiveReply().Error);
        var expected = sizes.SelectMany((size, i) => Pattern(size, 100 + i)).ToArray();
        Assert.True(expected.AsSpan().SequenceEqual(_disk.Content.AsSpan(0, offset)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_that_complete_late_carry_their_own_data(bool structured)
    {
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated));
        using var client = server.Enter("disk", structured);
        for (var i = 0; i < 40; i++)
            client.Send(RawClient.Request(Read, (ulong)i, (ulong)(i * 20_000), 20_000));
        await gated.WaitForBegunAsync(40);
        gated.Open();
        for (var i = 0; i < 40; i++)
        {
            var reply = client.ReceiveReply(20_000);
            var offset = (int)reply.Cookie * 20_000;
            Assert.True(_disk.Content.AsSpan(offset, 20_000).SequenceEqual(reply.Data), $"Reply {reply.Cookie} holds other data.");
        }
    }

    [Fact]
    public async Task Quick_requests_overtake_slow_ones()
    {
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated));
        using var client = server.Enter("disk", structured: true);
        client.Send([.. RawClient.Request(Read, 1, 0, 512), .. RawClient.Request(Read, 2, 1 << 20, 512)]);
        Assert.Equal(2ul, client.ReceiveReply().Cookie);
        gated.Open();
        Assert.Equal(1ul, client.ReceiveReply().Cookie);
    }

    [Fact]
    public async Task A_client_that_waits_for_the_device_does_not_hold_up_another()
    {
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated, new MemoryBlockDevice("other", 4096)));
        using var slow = server.Enter("disk");
        slow.Send(RawClient.Request(Read, 1, 0, 512));
        await gated.WaitForBegunAsync(1);
        using var quick = server.Enter("other");
        Assert.Equal(0u, quick.Ask(Read, 0, 512).Error);
        gated.Open();
        Assert.Equal(_disk.Content[..512], slow.ReceiveReply(512).Data);
    }

    [Fact]
    public async Task No_more_than_so_many_requests_are_in_flight()
    {
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated));
        using var client = server.Enter();
        const int More = NbdLimits.MaxRequestsInFlight + 100;
        client.Send([.. Enumerable.Range(0, More).SelectMany(i => RawClient.Request(Read, (ulong)i, 0, 512))]);
        await gated.WaitForBegunAsync(NbdLimits.MaxRequestsInFlight);
        Assert.Equal(NbdLimits.MaxRequestsInFlight, gated.Begun.Count);
        gated.Open();
        Assert.Equal(More, Enumerable.Range(0, More).Select(_ => client.ReceiveReply(512).Cookie).Distinct().Count());
    }

    [Fact]
    public async Task No_more_than_so_many_bytes_are_in_flight()
    {
        const int Largest = NbdLimits.MaxPayload;
        var gated = new GatedBlockDevice(new MemoryBlockDevice("disk", Largest));
        await using var server = new TestServer(new TestExports(gated));
        using var client = server.Enter();
        client.Send([.. Enumerable.Range(0, 4).SelectMany(i => RawClient.Request(Read, (ulong)i, 0, Largest))]);
        await gated.WaitForBegunAsync(2);
        Assert.Equal(2, gated.Begun.Count);
        gated.Open();
        for (var i = 0; i < 4; i++)
            Assert.Equal(0u, client.ReceiveReply(Largest).Error);
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_its_requests_to_finish_and_its_handle_closed()
    {
        var gated = new GatedBlockDevice(_disk);
        var exports = new TestExports(gated);
        await using var server = new TestServer(exports);
        using (var client = server.Enter())
        {
            client.Send([.. RawClient.Write(1, 0, Pattern(4096, 9)), .. RawClient.Request(Flush, 2, 0, 0)]);
            await gated.WaitForBegunAsync(2);
        }

        Assert.Equal(1, exports.OpenHandles);
        gated.Open();
        await server.Server.DisposeAsync();
        Assert.Equal(0, exports.OpenHandles);
        Assert.Equal(Pattern(4096, 9), _disk.Content[..4096]);
    }
}
