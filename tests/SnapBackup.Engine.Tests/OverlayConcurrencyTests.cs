using CsCheck;
using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>Overlays under parallel requests, and under snapshots that end and break and devices that go meanwhile.</summary>
public sealed class OverlayConcurrencyTests
{
    private const int Size = (70 * 4096) + 1000;
    private const int Writers = 4;

    [Fact]
    public Task Parallel_requests_on_their_own_ranges_that_share_blocks_lose_nothing()
    {
        var regions = Enumerable.Range(0, Writers).Select(i => (Start: i * Size / Writers, End: (i + 1) * Size / Writers)).ToArray();
        var program = regions.Select(region => DiskWrite.Within(region.Start, region.End).List[20, 60]).Aggregate(
            Gen.Const(new List<List<DiskWrite>>()),
            (all, one) => Gen.Select(all, one, (list, writes) => new List<List<DiskWrite>>(list) { writes }));
        return program.SampleAsync(
            async parts =>
            {
                await using var disk = await Disk.CreateAsync(Size, [1 << 20, 1 << 20], new DeviceSettings { BlockSize = 16_384 });
                foreach (var log in disk.Logs)
                    log.Fault = (_, _, _) => Thread.Yield();
                var frozen = disk.Source.Content.ToArray();
                var model = disk.Source.Content.ToArray();
                var snapshot = await disk.Device.StartSnapshotAsync("s");
                await using (var overlay = snapshot.OpenWritable())
                {
                    var sourceWriter = Task.Run(() => disk.FillAsync(0, Size, 1));
                    await Task.WhenAll(parts.Select((part, i) => Task.Run(() => WriteAsync(overlay, part, model, regions[i]))));
                    await sourceWriter;
                    Assert.Equal(model, await overlay.ReadAsync(0, Size));
                    Assert.Empty((await disk.Device.CheckAsync()).Findings);
                }

                Assert.Equal(frozen, await snapshot.ReadAllAsync());
                Assert.Empty((await disk.Device.CheckAsync()).Findings);
            },
            iter: 60);
    }

    [Fact]
    public Task Over_late_devices_an_overlay_is_what_a_plain_array_would_be() => DiskWrite.Within(0, Size).List[1, 30].SampleAsync(
        async writes =>
        {
            var source = new LateBlockDevice(new MemoryBlockDevice("source", Size));
            await using var device = await SnapDevice.SetUpAsync("snap0", source, [new LateBlockDevice(new MemoryBlockDevice("log0", 2 << 20))], new DeviceSettings());
            await using var overlay = (await device.StartSnapshotAsync("s")).OpenWritable();
            var model = new byte[Size];
            foreach (var write in writes)
                await write.ApplyAsync(overlay, model);
            Assert.Equal(model, await overlay.ReadAsync(0, Size));
        },
        iter: 60);

    [Fact]
    public async Task Overlapping_writes_leave_the_bytes_of_either()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        foreach (var log in disk.Logs)
            log.Fault = (_, _, _) => Thread.Yield();
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        for (var round = 0; round < 300; round++)
        {
            var first = Enumerable.Repeat((byte)1, 20_000).ToArray();
            var second = Enumerable.Repeat((byte)2, 20_000).ToArray();
            var reads = Task.Run(() => overlay.ReadAsync(1000, 20_000));
            await Task.WhenAll(
                Task.Run(() => overlay.WriteAsync(1000, first).AsTask()),
                Task.Run(() => overlay.WriteAsync(1000, second).AsTask()),
                reads);
            var left = await overlay.ReadAsync(1000, 20_000);
            Assert.True(left.AsSpan().SequenceEqual(first) || left.AsSpan().SequenceEqual(second));
            if (round > 0)
                Assert.DoesNotContain(await reads, value => value is not 1 and not 2);
        }
    }

    [Theory]
    [InlineData("end")]
    [InlineData("break")]
    [InlineData("close")]
    [InlineData("tear down")]
    [InlineData("let go")]
    public async Task Whatever_takes_an_overlay_away_under_its_requests_leaves_no_room_lost(string how)
    {
        for (var round = 0; round < 60; round++)
        {
            await using var disk = await Disk.CreateAsync(1 << 20, [700 << 10, 700 << 10], new DeviceSettings { Allocation = LogAllocation.Striped });
            foreach (var log in disk.Logs)
                log.Fault = (_, _, _) => Thread.Yield();
            var snapshot = await disk.Device.StartSnapshotAsync("s");
            var overlays = Enumerable.Range(0, 3).Select(_ => snapshot.OpenWritable()).ToList();
            var users = overlays.SelectMany((overlay, i) => Enumerable.Range(0, 2).Select(j => Task.Run(() => UseAsync(overlay, (i * 10) + j)))).ToList();
            for (var i = 0; i < round; i++)
                await Task.Yield();
            await TakeAwayAsync(disk, overlays, how);
            foreach (var user in users)
            {
                var error = Assert.IsAssignableFrom<SnapBackupException>(await Record.ExceptionAsync(() => user));
                Assert.Contains(
                    error.ReasonCode,
                    new Enum[] { EngineError.SnapshotEnded, EngineError.SnapshotBroken, EngineError.DeviceTornDown, BlockDeviceError.Closed, BlockDeviceError.NoSpace });
            }

            foreach (var overlay in overlays)
                await overlay.DisposeAsync();
            if (how is "tear down" or "let go")
                continue;
            Assert.Empty((await disk.Device.CheckAsync()).Findings);
            foreach (var kept in disk.Device.Snapshots)
                await disk.Device.EndSnapshotAsync(kept.Name);
            Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        }
    }

    [Fact]
    public async Task Under_overlays_that_come_and_go_a_check_finds_nothing_and_snapshots_stay_exact()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [4 << 20]);
        disk.Logs[0].Fault = (_, _, _) => Thread.Yield();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        var frozen = await snapshot.ReadAllAsync();
        var isOver = false;
        var users = Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
        {
            var random = new Random(i);
            while (!Volatile.Read(ref isOver))
            {
                await using var overlay = snapshot.OpenWritable();
                for (var write = 0; write < 20; write++)
                    await overlay.WriteAsync(random.Next((1 << 20) - 30_000), new byte[random.Next(1, 30_000)]);
                await disk.FillAsync(random.Next((1 << 20) - 30_000), random.Next(1, 30_000), (byte)i);
            }
        })).ToList();
        for (var round = 0; round < 100; round++)
            Assert.Empty((await disk.Device.CheckAsync()).Findings);
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(users);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        Assert.Empty((await disk.Device.CheckAsync()).Findings);
    }

    private static async Task WriteAsync(IBlockDevice overlay, List<DiskWrite> part, byte[] model, (int Start, int End) region)
    {
        foreach (var write in part)
        {
            await write.ApplyAsync(overlay, model);
            Assert.Equal(model[region.Start..region.End], await overlay.ReadAsync(region.Start, region.End - region.Start));
        }
    }

    /// <summary>Writes and reads what it has written until that fails.</summary>
    private static async Task UseAsync(IBlockDevice overlay, int seed)
    {
        var random = new Random(seed);
        var start = seed % 10 * 500_000;
        while (true)
        {
            var data = new byte[random.Next(1, 40_000)];
            random.NextBytes(data);
            var offset = start + random.Next(400_000);
            await overlay.WriteAsync(offset, data);
            Assert.Equal(data, await overlay.ReadAsync(offset, data.Length));
            if (random.Next(3) == 0)
                await overlay.TrimAsync(offset, data.Length);
        }
    }

    private static async Task TakeAwayAsync(Disk disk, List<IBlockDevice> overlays, string how)
    {
        switch (how)
        {
            case "end":
                await disk.Device.EndSnapshotAsync("s");
                break;
            case "break":
                for (var i = 0; i < 20 && disk.Device.GetSnapshot("s").State == SnapshotState.Active; i++)
                {
                    await disk.Device.StartSnapshotAsync($"more{i}");
                    await disk.FillAsync(0, 1 << 20, (byte)(i + 1));
                }

                break;
            case "close":
                await Task.WhenAll(overlays.Select(overlay => overlay.DisposeAsync().AsTask()));
                break;
            case "tear down":
                await disk.Device.TearDownAsync(force: true);
                break;
            default:
                await disk.Device.DisposeAsync();
                break;
        }
    }
}
