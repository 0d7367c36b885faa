using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

/// <summary>A device that is given the writes of a receive together, and lent the thread.</summary>
public sealed class BatchTests : IAsyncDisposable
{
    private const ushort Read = 0;
    private const ushort Write = 1;
    private const ushort BlockStatus = 7;

    private readonly MemoryBlockDevice _disk = new("disk", Pattern(4 << 20, 1));
    private readonly LyingBlockDevice _device;
    private readonly TestServer _server;

    public BatchTests()
    {
        _device = new LyingBlockDevice(_disk);
        _server = new TestServer(new TestExports().AddShared(_device));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _disk.DisposeAsync();
    }

    [Fact]
    public void The_writes_of_one_receive_are_worked_off_together()
    {
        using var client = _server.Enter();
        client.Send([.. Enumerable.Range(0, 20).SelectMany(i => RawClient.Write((ulong)i, (ulong)i * 4096, Pattern(4096, i)))]);
        var replies = Enumerable.Range(0, 20).Select(_ => client.ReceiveReply()).ToList();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => ((ulong)i, 0u)), replies.Select(reply => (reply.Cookie, reply.Error)));
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(Pattern(4096, i), _disk.Content[(i * 4096)..((i + 1) * 4096)]));
        Assert.Equal(20, _device.WorkedOff.Sum());
        Assert.Contains(_device.WorkedOff, count => count > 1);
    }

    [Fact]
    public void More_writes_than_are_begun_together_are_all_done()
    {
        using var client = _server.Enter();
        client.Send([.. Enumerable.Range(0, 1000).SelectMany(i => RawClient.Write((ulong)i, (ulong)i * 512, Pattern(512, i)))]);
        for (var i = 0; i < 1000; i++)
            Assert.Equal(0u, client.ReceiveReply().Error);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(Pattern(512, i), _disk.Content[(i * 512)..((i + 1) * 512)]));
    }

    public static TheoryData<string, byte[]> WhatIsWaitedFor() => new()
    {
        { "half a request", RawClient.Request(Read, 2, 0, 512)[..20] },
        { "half a payload", RawClient.Write(2, 0, new byte[4096])[..1000] },
        { "half a payload too large for the buffer", RawClient.Write(2, 0, new byte[1 << 20])[..1000] },
        { "the payload of a request that is refused", RawClient.Write(2, 1 << 30, new byte[1 << 20])[..1000] },
    };

    [Theory]
    [MemberData(nameof(WhatIsWaitedFor))]
    public void Nothing_is_left_lying_while_the_client_is_waited_for(string what, byte[] begun)
    {
        using var client = _server.Enter();
        client.Send([.. RawClient.Write(1, 4096, Pattern(512, 7)), .. begun]);
        var reply = client.ReceiveReply();
        Assert.True((reply.Cookie, reply.Error) == (1, 0), what);
        Assert.Equal(Pattern(512, 7), _disk.Content[4096..4608]);
    }

    [Fact]
    public void A_status_that_is_asked_behind_a_write_is_told_after_it()
    {
        using var client = _server.Connect();
        client.Greet();
        client.NegotiateStructuredReplies();
        client.SendOption(10, RawClient.ContextData("disk", "base:allocation"));
        Assert.Equal(1u, client.ReceiveContexts(10).Last);
        client.Go("disk");
        Array.Clear(_disk.Content);
        client.Send([.. RawClient.Write(1, 0, Pattern(4096, 8)), .. RawClient.Request(BlockStatus, 2, 0, 4096)]);
        var answers = new[] { client.ReceiveReplyOrChunk(), client.ReceiveReplyOrChunk() };
        var status = Assert.Single(answers, answer => answer.Cookie == 2).Body;
        Assert.Equal("00000001 00001000 00000000", Hex.Of(status, 4, 4, 4));
    }
}
