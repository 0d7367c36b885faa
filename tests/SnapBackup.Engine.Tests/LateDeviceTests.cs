using CsCheck;
using SnapBackup.Blocks;

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
        await using var device = await SnapDevice.SetUpAsync("snap0", source, [log], new DeviceSettings());
        await using var origin = device.OpenOrigin();
        for (var round = 1; round < 3000; round++)
        {
            var snapshot = await device.StartSnapshotAsync("s");
            await origin.WriteAsync(0, new[] { (byte)round });
            Assert.Equal((byte)(round - 1), (await snapshot.ReadAllAsync())[0]);
            await device.EndSnapshotAsync("s");
        }
    }

    [Fact]
    public async Task Tear_down_waits_for_a_read_of_the_origin()
    {
        var source = new MemoryBlockDevice("source", Size);
        await using var device = await SnapDevice.SetUpAsync("snap0", source, [new MemoryBlockDevice("log", 1 << 20)], new DeviceSettings());
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
        new DeviceSettings());
}
