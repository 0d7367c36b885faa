using CsCheck;
using SnapBackup.Blocks;
using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Tests;

/// <summary>Source and log whose requests complete later and on other threads, as those of real media do.</summary>
public sealed class LateDeviceTests
{
    private const int Size = 70 * 4096;

    private readonly List<string> _events = [];

    [Fact]
    public async Task The_log_flush_is_over_before_the_source_write_begins()
    {
        await using var device = await SetUpAsync();
        await using var origin = device.OpenOrigin();
        await device.StartSnapshotAsync("s");
        _events.Clear();
        await origin.WriteAsync(5000, new byte[] { 1 });
        Assert.Equal(
            ["source read", "source read done", "log write", "log write done", "log flush", "log flush done", "source write", "source write done"],
            _events);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flushes_and_options_reach_the_source(bool underSnapshot)
    {
        await using var device = await SetUpAsync();
        await using var origin = device.OpenOrigin();
        if (underSnapshot)
            await device.StartSnapshotAsync("s");
        _events.Clear();
        await origin.WriteAsync(0, new byte[] { 1 }, WriteOptions.ForceUnitAccess);
        await origin.WriteZeroesAsync(0, 4096, WriteOptions.ForceUnitAccess | WriteOptions.NoHole);
        await origin.FlushAsync();
        Assert.Contains("source write (ForceUnitAccess) done", _events);
        Assert.Contains("source zero (ForceUnitAccess, NoHole) done", _events);
        Assert.Equal("source flush done", _events[^1]);
    }

    [Fact]
    public Task Snapshots_stay_exact_over_late_devices() =>
        DiskWrite.Within(0, Size).List[1, 30].SampleAsync(
            async writes =>
            {
                await using var device = await SetUpAsync();
                await using var origin = device.OpenOrigin();
                var snapshot = await device.StartSnapshotAsync("s");
                var model = new byte[Size];
                foreach (var write in writes)
                    await write.ApplyAsync(origin, model);
                Assert.DoesNotContain(await snapshot.ReadAllAsync(), value => value != 0);
            },
            iter: 60);

    [Fact]
    public async Task A_snapshot_started_right_after_another_ended_is_as_exact()
    {
        var source = new MemoryBlockDevice("source", 8192);
        var log = new LateBlockDevice(new MemoryBlockDevice("log", 1 << 20));
        await using var device = await SnapDevice.SetUpAsync("snap0", source, [log], 4096);
        await using var origin = device.OpenOrigin();
        for (var round = 1; round < 3000; round++)
        {
            var snapshot = await device.StartSnapshotAsync("s");
            await origin.WriteAsync(0, new[] { (byte)round });
            Assert.Equal((byte)(round - 1), (await snapshot.ReadAllAsync())[0]);
            await device.EndSnapshotAsync();
        }
    }

    /// <remarks>The loop lets the last writer of an epoch go before it looks for more work, and so can meet that of the next.</remarks>
    [Fact]
    public async Task A_loop_begun_in_one_epoch_preserves_for_the_next_in_that_one()
    {
        var log = new MemoryBlockDevice("log", 1 << 20);
        var shape = new LogSetShape(Guid.NewGuid(), 4096, 1, Size);
        var logs = new LogSet(shape, [await LogVolume.FormatAsync(log, shape, 0, 1)]);
        var core = new DeviceCore("snap0", new MemoryBlockDevice("source", Size), logs, 4096);
        var (first, next) = (new Snapshot(core, "first", 1, _ => { }), new Snapshot(core, "next", 2, _ => { }));
        using var mayGoOn = new ManualResetEventSlim();
        log.Fault = (_, _, _) => mayGoOn.Wait();

        var waiting = core.CopyBeforeWrite.PreserveAsync(first.Epoch, 0, 0).AsTask();
        var waitingNext = core.CopyBeforeWrite.PreserveAsync(next.Epoch, 1, 1).AsTask();
        mayGoOn.Set();
        await Task.WhenAll(waiting, waitingNext);

        Assert.True(first.Epoch.Index.Contains(0));
        Assert.True(next.Epoch.Index.Contains(1));
        Assert.False(first.Epoch.Index.Contains(1));
    }

    [Fact]
    public async Task Tear_down_waits_for_a_read_of_the_origin()
    {
        var source = new MemoryBlockDevice("source", Size);
        await using var device = await SnapDevice.SetUpAsync("snap0", source, [new MemoryBlockDevice("log", 1 << 20)], 4096);
        await using var origin = device.OpenOrigin();
        using var reached = new SemaphoreSlim(0);
        using var mayGoOn = new ManualResetEventSlim();
        source.Fault = (operation, _, _) =>
        {
            if (operation == "read")
            {
                reached.Release();
                mayGoOn.Wait();
            }
        };
        var read = Task.Run(() => origin.ReadAsync(0, 10));
        await reached.WaitAsync();
        var tearDown = device.TearDownAsync(force: true);
        Assert.False(tearDown.IsCompleted);
        mayGoOn.Set();
        await read;
        await tearDown;
    }

    private Task<SnapDevice> SetUpAsync() => SnapDevice.SetUpAsync(
        "snap0",
        new LateBlockDevice(new MemoryBlockDevice("source", Size)) { Events = _events },
        [new LateBlockDevice(new MemoryBlockDevice("log", 4 << 20)) { Events = _events }],
        4096);
}
