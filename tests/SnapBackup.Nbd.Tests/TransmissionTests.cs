using SnapBackup.Blocks;
using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests;

public sealed class TransmissionTests : IAsyncDisposable
{
    private const ushort Read = 0;
    private const ushort Write = 1;
    private const ushort Disconnect = 2;
    private const ushort Flush = 3;
    private const ushort Trim = 4;
    private const ushort Cache = 5;
    private const ushort WriteZeroes = 6;
    private const ushort BlockStatus = 7;

    private const ushort Fua = 1;
    private const ushort NoHole = 2;
    private const ushort DontFragment = 4;
    private const ushort OneExtent = 8;
    private const ushort FastZero = 16;
    private const ushort PayloadLength = 32;

    private const uint EPERM = 1;
    private const uint EIO = 5;
    private const uint EINVAL = 22;
    private const uint ENOSPC = 28;

    private const int Size = 1 << 20;

    private readonly MemoryBlockDevice _disk = new("disk", Pattern(Size, 1));

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_command_does_to_the_device_what_it_says(bool structured)
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var client = server.Enter("disk", structured);

        Assert.Equal(_disk.Content[100..5100], client.Ask(Read, 100, 5000).Data);
        Assert.Equal(0u, client.Ask(Write, 4000, 300, payload: Pattern(300, 2)).Error);
        Assert.Equal(Pattern(300, 2), _disk.Content[4000..4300]);
        Assert.Equal(0u, client.Ask(WriteZeroes, 4100, 100, NoHole).Error);
        Assert.Equal(new byte[100], _disk.Content[4100..4200]);
        Assert.Equal(0u, client.Ask(Trim, 8192, 4096).Error);
        Assert.Equal(new byte[4096], _disk.Content[8192..12288]);
        Assert.Equal(0u, client.Ask(Cache, 0, Size).Error);
        Assert.Equal(0, _disk.Flushes);
        Assert.Equal(0u, client.Ask(Flush, 0, 0).Error);
        Assert.Equal(1, _disk.Flushes);
    }

    [Theory]
    [InlineData(Write)]
    [InlineData(WriteZeroes)]
    [InlineData(Trim)]
    public async Task FUA_makes_a_change_durable_before_the_reply(ushort command)
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var client = server.Enter();
        Assert.Equal(0u, client.Ask(command, 0, 512, Fua, command == Write ? new byte[512] : null).Error);
        Assert.Equal(1, _disk.Flushes);
    }

    [Theory]
    [InlineData(Write, Fua, "disk write (ForceUnitAccess)")]
    [InlineData(WriteZeroes, 0, "disk zero")]
    [InlineData(WriteZeroes, NoHole, "disk zero (NoHole)")]
    [InlineData(WriteZeroes, Fua | NoHole, "disk zero (ForceUnitAccess, NoHole)")]
    [InlineData(WriteZeroes, FastZero, "disk zero (FastOnly)")]
    public async Task Flags_reach_the_device_as_they_were_sent(ushort command, int flags, string asked)
    {
        var disk = new LateBlockDevice(_disk);
        await using var server = new TestServer(new TestExports(disk));
        using var client = server.Enter();
        Assert.Equal(0u, client.Ask(command, 0, 512, (ushort)flags, command == Write ? new byte[512] : null).Error);
        Assert.Equal(asked, disk.Events[0]);
    }

    [Fact]
    public async Task DF_is_taken_with_structured_replies_and_refused_without()
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var structured = server.Enter("disk", structured: true);
        Assert.Equal(_disk.Content[..512], structured.Ask(Read, 0, 512, DontFragment).Data);
        using var simple = server.Enter();
        Assert.Equal(EINVAL, simple.Ask(Read, 0, 512, DontFragment).Error);
    }

    [Theory]
    [InlineData(Read, Size - 511u, 512, EINVAL)]
    [InlineData(Read, ulong.MaxValue - 255, 512, EINVAL)]
    [InlineData(Read, 0, (32 << 20) + 1, EINVAL)]
    [InlineData(Read, 0, 0, EINVAL)]
    [InlineData(Write, Size - 511u, 512, ENOSPC)]
    [InlineData(Write, Size, 300_000, ENOSPC)]
    [InlineData(Write, 0, (32 << 20) + 1, EINVAL)]
    [InlineData(WriteZeroes, Size - 511u, 512, ENOSPC)]
    [InlineData(WriteZeroes, 0, uint.MaxValue, ENOSPC)]
    [InlineData(Trim, Size - 511u, 512, EINVAL)]
    [InlineData(Trim, 0, 0, EINVAL)]
    [InlineData(Flush, 0, 1, EINVAL)]
    [InlineData(Flush, 1, 0, EINVAL)]
    [InlineData(Cache, Size - 511u, 512, EINVAL)]
    [InlineData(Cache, 0, 0, EINVAL)]
    [InlineData(BlockStatus, 0, 512, EINVAL)] // no context was negotiated
    [InlineData(8, 0, 512, EINVAL)] // RESIZE, an experiment of the protocol's
    [InlineData(0xFFFF, 0, 512, EINVAL)]
    public async Task A_request_that_cannot_be_is_refused_and_the_stream_stays_in_step(
        ushort command, ulong offset, uint length, uint error)
    {
        var before = _disk.Content.ToArray();
        await using var server = new TestServer(new TestExports(_disk));
        using var client = server.Enter("disk", structured: true);
        var refused = client.Ask(command, offset, length, payload: command == Write ? new byte[length] : null);
        Assert.Equal(error, refused.Error);
        Assert.NotEmpty(refused.Message);
        Assert.Equal(before[512..1024], client.Ask(Read, 512, 512).Data);
        Assert.Equal(before, _disk.Content);
    }

    [Theory]
    [InlineData(Read, NoHole)]
    [InlineData(Write, DontFragment)]
    [InlineData(Trim, NoHole)]
    [InlineData(Flush, 0x8000)]
    [InlineData(Trim, FastZero)]
    [InlineData(WriteZeroes, DontFragment)]
    [InlineData(Cache, NoHole)]
    [InlineData(Read, OneExtent)]
    [InlineData(Write, PayloadLength)] // needs extended headers
    public async Task Flags_that_do_not_go_with_a_command_are_refused(ushort command, int flags)
    {
        await using var server = new TestServer(new TestExports(_disk));
        using var client = server.Enter();
        var length = command == Flush ? 0u : 512;
        Assert.Equal(EINVAL, client.Ask(command, 0, length, (ushort)flags, command == Write ? new byte[512] : null).Error);
        Assert.Equal(0u, client.Ask(Flush, 0, 0).Error);
    }

    [Theory]
    [InlineData(Write, 512)]
    [InlineData(Write, 1_000_000)]
    [InlineData(WriteZeroes, 512)]
    [InlineData(Trim, 512)]
    public async Task A_read_only_export_refuses_changes_and_goes_on(ushort command, int length)
    {
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", Pattern(Size, 3)) { IsReadOnly = true }));
        using var client = server.Enter();
        Assert.Equal(EPERM, client.Ask(command, 0, (uint)length, payload: command == Write ? new byte[length] : null).Error);
        Assert.Equal(Pattern(Size, 3)[..512], client.Ask(Read, 0, 512).Data);
        Assert.Equal(0u, client.Ask(Flush, 0, 0).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_of_the_device_fails_the_one_request(bool late)
    {
        _disk.Fault = (_, offset, _) =>
        {
            if (offset == 4096)
                throw new BlockDeviceException(BlockDeviceError.InputOutput, "The medium is worn out.");
        };
        await using var server = new TestServer(new TestExports(late ? OpenGate(_disk) : _disk));
        using var client = server.Enter("disk", structured: true);
        foreach (var command in new[] { Read, Write, WriteZeroes, Trim })
        {
            var failed = client.Ask(command, 4096, 4096, payload: command == Write ? new byte[4096] : null);
            Assert.Equal((EIO, "The medium is worn out."), (failed.Error, failed.Message));
            Assert.Equal(0u, client.Ask(command, 8192, 4096, payload: command == Write ? new byte[4096] : null).Error);
        }

        using var simple = server.Enter();
        Assert.Equal(EIO, simple.Ask(Read, 4096, 4096).Error);
        Assert.Equal(_disk.Content[..512], simple.Ask(Read, 0, 512).Data);
    }

    [Fact]
    public async Task The_largest_payload_goes_both_ways()
    {
        const int Largest = 32 << 20;
        var disk = new MemoryBlockDevice("disk", Largest);
        await using var server = new TestServer(new TestExports(disk));
        using var client = server.Enter();
        var data = Pattern(Largest, 4);
        Assert.Equal(0u, client.Ask(Write, 0, Largest, payload: data).Error);
        Assert.True(data.AsSpan().SequenceEqual(disk.Content));
        Assert.True(data.AsSpan().SequenceEqual(client.Ask(Read, 0, Largest).Data));
    }

    [Fact]
    public async Task DISC_finishes_what_is_in_flight_and_ends_without_a_reply()
    {
        var gated = new GatedBlockDevice(_disk);
        var exports = new TestExports(gated);
        await using var server = new TestServer(exports);
        using var client = server.Enter();
        client.Send([.. RawClient.Write(1, 0, Pattern(512, 5)), .. RawClient.Request(Disconnect, 2, 0, 0), .. RawClient.Write(3, 512, new byte[512])]);
        await gated.WaitForBegunAsync(1);
        Assert.Equal(1, exports.OpenHandles);
        gated.Open();
        Assert.Equal(1ul, client.ReceiveReply().Cookie);
        client.ExpectEnd();
        Assert.Equal(["write 0"], gated.Begun);
        Assert.Equal(0, exports.OpenHandles);
        Assert.Equal(Pattern(512, 5), _disk.Content[..512]);
    }

    private static GatedBlockDevice OpenGate(MemoryBlockDevice device)
    {
        var gated = new GatedBlockDevice(device);
        gated.Open();
        return gated;
    }
}
