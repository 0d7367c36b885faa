using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

public sealed class StopTests : IAsyncDisposable
{
    private const ushort Read = 0;
    private const uint ESHUTDOWN = 108;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromDays(1);

    private readonly MemoryBlockDevice _disk = new("disk", Pattern(1 << 20, 1));
    private readonly ManualTimeProvider _time = new();

    private NbdServerOptions Options => new() { TimeProvider = _time, StopTimeout = StopTimeout };

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Fact]
    public async Task Idle_clients_see_the_end_and_every_handle_is_closed()
    {
        var exports = new TestExports(_disk);
        var server = new TestServer(exports);
        using var transmitting = server.Enter();
        using var negotiating = server.Connect();
        negotiating.Greet();
        await server.DisposeAsync();
        transmitting.ExpectEnd();
        negotiating.ExpectEnd();
        Assert.Equal(0, exports.OpenHandles);
    }

    [Fact]
    public async Task What_is_in_flight_is_finished_and_what_comes_later_is_answered_ESHUTDOWN()
    {
        var gated = new GatedBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(gated), Options);
        using var client = server.Enter("disk", structured: true);
        // As many as may be in flight, so that the last one waits unread until the stop has begun.
        var requests = Enumerable.Range(0, NbdLimits.MaxRequestsInFlight + 2).SelectMany(i => RawClient.Request(Read, (ulong)i, 0, 512));
        client.Send([.. requests]);
        await gated.WaitForBegunAsync(NbdLimits.MaxRequestsInFlight);
        var stopped = server.Server.DisposeAsync().AsTask();
        await _time.WaitForTimerAsync(StopTimeout);
        Assert.False(stopped.IsCompleted);
        gated.Open();
        var replies = Enumerable.Range(0, NbdLimits.MaxRequestsInFlight + 2).Select(_ => client.ReceiveReply(512)).ToDictionary(reply => reply.Cookie);
        Assert.Equal(0u, replies[0].Error);
        Assert.Equal(ESHUTDOWN, replies[NbdLimits.MaxRequestsInFlight + 1].Error);
        client.ExpectEnd();
        await stopped;
    }

    [Fact]
    public async Task After_the_timeout_the_device_is_told_to_give_up_and_clients_are_cut_off()
    {
        var gated = new GatedBlockDevice(_disk);
        var exports = new TestExports(gated);
        await using var server = new TestServer(exports, Options);
        using var client = server.Enter();
        client.Send(RawClient.Request(Read, 1, 0, 512));
        await gated.WaitForBegunAsync(1);
        var stopped = server.Server.DisposeAsync().AsTask();
        await _time.WaitForTimerAsync(StopTimeout);
        _time.LetTimeoutsPass();
        await stopped;
        ExpectShutdownOrEnd(client);
        Assert.Equal(0, exports.OpenHandles);
    }

    [Fact]
    public async Task A_device_that_does_not_give_up_is_not_closed_under_its_request()
    {
        var gated = new GatedBlockDevice(_disk) { HeedsCancellation = false };
        var exports = new TestExports(gated);
        await using var server = new TestServer(exports, Options);
        using var client = server.Enter();
        client.Send(RawClient.Write(1, 0, Pattern(4096, 7)));
        await gated.WaitForBegunAsync(1);
        var stopped = server.Server.DisposeAsync().AsTask();
        await _time.WaitForTimerAsync(StopTimeout);
        _time.LetTimeoutsPass();
        client.ExpectEnd();
        Assert.Equal(1, exports.OpenHandles);
        Assert.False(stopped.IsCompleted);
        gated.Open();
        await stopped;
        Assert.Equal(0, exports.OpenHandles);
        Assert.Equal(Pattern(4096, 7), _disk.Content[..4096]);
    }

    [Fact]
    public async Task Stopping_twice_is_stopping_once()
    {
        await using var server = new TestServer(new TestExports(_disk));
        await server.Server.DisposeAsync();
        await server.Server.DisposeAsync();
        Assert.False(File.Exists(server.SocketPath));
    }

    /// <summary>The device's giving up and the cut are simultaneous: the reply is sent if it is the quicker.</summary>
    private static void ExpectShutdownOrEnd(RawClient client)
    {
        try
        {
            Assert.Equal(ESHUTDOWN, client.ReceiveReply(512).Error);
        }
        catch (EndOfStreamException)
        {
            return;
        }

        client.ExpectEnd();
    }
}
