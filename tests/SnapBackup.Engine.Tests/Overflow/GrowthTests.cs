using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>Log files grow as they fill, up to their limit; that they cannot is no failure of the log.</summary>
public sealed class GrowthTests : IDisposable
{
    private const int Size = 1 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_log_grows_instead_of_costing_a_snapshot_and_is_opened_again_as_it_is()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(2)], growTo: Disk.LogOf(40));
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        var capacity = disk.Device.GetStatistics().LogCapacity;
        Assert.InRange(capacity, 768 << 10, 40 * (64 << 10));
        await disk.ReopenAsync();
        Assert.InRange(disk.Device.GetStatistics().LogCapacity, capacity, 40 * (64 << 10)); // what was being prepared may be there too
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await using var after = await disk.OpenAfterCrashAsync();
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task It_goes_on_growing_after_it_was_opened_again()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)], growTo: Disk.LogOf(30));
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        for (var at = 0; at < Size; at += Size / 8)
        {
            await disk.FillAsync(at, Size / 8, 1);
            await disk.ReopenAsync();
        }

        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task At_its_limit_it_is_full()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)], growTo: Disk.LogOf(5) + 4096);
        var notices = new Notices(disk.Device);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        Assert.Equal(5 * (64 << 10), disk.Device.GetStatistics().LogCapacity);
        Assert.Equal(Disk.LogOf(5), disk.Logs[0].Content.Length);
        var told = await notices.UntilAsync(LogFillStage.Overflowed);
        Assert.Equal(0, told.BytesGrowable);
    }

    [Fact]
    public async Task The_first_log_that_can_grow_does()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1), Disk.LogOf(1)], growTo: Disk.LogOf(10));
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size / 4, 1);
        Assert.Equal(Disk.LogOf(1), disk.Logs[1].Content.Length);
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(Disk.LogOf(10), disk.Logs[0].Content.Length);
        Assert.NotEqual(Disk.LogOf(1), disk.Logs[1].Content.Length);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task Writers_do_not_wait_for_growth_while_there_is_room()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(16)], growTo: Disk.LogOf(20));
        var frozen = disk.Source.Content.ToArray();
        using var mayGrow = new ManualResetEventSlim();
        var growing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "grow")
            {
                growing.TrySetResult();
                mayGrow.Wait();
            }
        };
        await disk.Device.StartSnapshotAsync("s");
        var written = await FillUntilItGrowsAsync(disk, growing.Task);
        var free = disk.Device.GetStatistics().LogFree;
        Assert.InRange(free, 64 << 10, 3 * (64 << 10));
        await disk.FillAsync(written, 32 << 10, 1); // there is room for this
        mayGrow.Set();
        await disk.FillAsync(0, Size, 2);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task Where_there_is_no_space_for_a_step_it_grows_by_less()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(8)], growTo: Disk.LogOf(100));
        disk.Logs[0].Fault = (operation, offset, length) => ThrowIfNoSpace(operation, offset + length, Disk.LogOf(9));
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        Assert.Equal(Disk.LogOf(9), disk.Logs[0].Content.Length);
    }

    [Fact]
    public async Task A_file_that_cannot_grow_is_told_once_and_its_log_works_on()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(8)], growTo: Disk.LogOf(100));
        var notices = new Notices(disk.Device);
        disk.Logs[0].Fault = (operation, offset, length) => ThrowIfNoSpace(operation, offset + length, 0);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        var told = await notices.UntilAsync(LogFillStage.GrowthFailed);
        Assert.Equal(0, told.BytesGrowable);
        Assert.Equal(BlockDeviceError.NoSpace, Assert.IsType<BlockDeviceException>(told.GrowthFailure).Reason);
        Assert.NotEqual(LogFillStage.GrowthFailed, (await notices.UntilAsync(LogFillStage.Overflowed)).Stage);

        var frozen = disk.Source.Content.ToArray();
        var next = await disk.Device.StartSnapshotAsync("next");
        await disk.FillAsync(0, 100_000, 2);
        Assert.Equal(frozen, await next.ReadAllAsync());
    }

    [Fact]
    public async Task It_is_tried_again_when_there_is_no_room_left()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(8)], growTo: Disk.LogOf(100));
        var frozen = disk.Source.Content.ToArray();
        var notices = new Notices(disk.Device);
        disk.Logs[0].Fault = (operation, offset, length) => ThrowIfNoSpace(operation, offset + length, 0);
        await disk.Device.StartSnapshotAsync("s");
        for (var at = 0; at < 32 << 12; at += 4096)
            await disk.FillAsync(at, 4096, 1);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        var next = (64 << 12) + (256 << 10);
        for (; disk.Device.GetStatistics().LogFree > 70_000; next += 4096)
            await disk.FillAsync(next, 4096, 1);
        await disk.Device.Core.Ladder.GrowthIdle;
        await disk.FillAsync(next, 4096, 1); // whose commit takes up that it failed
        await notices.UntilAsync(LogFillStage.GrowthFailed);
        disk.Logs[0].Fault = null;
        await disk.FillAsync(0, Size, 2);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        Assert.Equal(SnapshotState.Active, disk.Device.GetSnapshot("s").State);
    }

    [Fact]
    public async Task A_superblock_that_cannot_be_written_is_a_failed_log()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1), Disk.LogOf(30)]);
        var frozen = disk.Source.Content.ToArray();
        await disk.DisposeAsync();
        LogDevice[] logs = [new(disk.Logs[0]) { GrowTo = Disk.LogOf(4) }, new(disk.Logs[1])];
        await using var device = await SnapDevice.OpenAsync("snap0", disk.Source, logs, new DeviceSettings());
        disk.Logs[0].Fault = (operation, offset, _) =>
        {
            if (operation == "write" && offset < 8192)
                throw Errors.BadMedium("log0");
        };
        var snapshot = await device.StartSnapshotAsync("s");
        await using var origin = device.OpenOrigin();
        await origin.WriteAsync(0, new byte[Size / 4]);
        await origin.WriteAsync(Size / 2, new byte[Size / 2]);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
    }

    [Fact]
    public async Task A_crash_at_any_moment_of_it_loses_nothing()
    {
        await using var disk = await Disk.CreateAsync(128 << 10, [Disk.LogOf(1)], growTo: Disk.LogOf(6));
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 10_000, 1);
        var crashes = new CrashPoints(disk.Source, disk.Logs[0]);
        for (var at = 0; at < 128 << 10; at += 8192)
            await disk.FillAsync(at, 8192, 2);
        crashes.Stop();
        foreach (var state in crashes.States)
        {
            await using var after = await Disk.OpenAsync(state[0], state[1..], new DeviceSettings(), Disk.LogOf(6));
            var snapshot = after.Device.GetSnapshot("s");
            Assert.Equal(frozen, await snapshot.ReadAllAsync());
            await after.FillAsync(0, 128 << 10, 3);
            Assert.Equal(SnapshotState.Active, snapshot.State);
            Assert.Equal(frozen, await snapshot.ReadAllAsync());
        }
    }

    [Fact]
    public async Task What_a_crash_left_longer_than_its_superblock_says_is_used_next()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(1)], growTo: Disk.LogOf(4));
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        byte[] longer = [.. disk.Logs[0].Content, .. new byte[3 * (64 << 10)]];
        await using var after = await Disk.OpenAsync(disk.Source.Content, [longer], new DeviceSettings(), Disk.LogOf(4));
        after.Logs[0].Fault = (operation, _, _) => Assert.NotEqual("grow", operation);
        await after.FillAsync(0, 150 << 10, 1);
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task Letting_the_device_go_while_it_grows_waits_for_that_and_no_longer()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(8)], growTo: Disk.LogOf(100));
        var frozen = disk.Source.Content.ToArray();
        using var mayGrow = new ManualResetEventSlim();
        var growing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "grow")
            {
                growing.TrySetResult();
                mayGrow.Wait();
            }
        };
        await disk.Device.StartSnapshotAsync("s");
        await FillUntilItGrowsAsync(disk, growing.Task);
        var letGo = disk.Device.DisposeAsync().AsTask();
        mayGrow.Set();
        await letGo;
        disk.Logs[0].Fault = null;
        await using var after = await disk.OpenAfterCrashAsync();
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task A_real_file_grows_with_its_space_and_is_accepted_as_it_has_grown()
    {
        await File.WriteAllBytesAsync(_folder["source"], [.. Enumerable.Repeat((byte)9, Size)]);
        var options = new SnapDeviceOptions
        {
            Name = "snap0",
            Source = _folder["source"],
            Logs = [new LogOptions { Path = _folder["log0"], Size = Disk.LogOf(1), GrowTo = 4 << 20 }],
        };
        await using (var device = await SnapDevice.SetUpAsync(options))
        {
            await device.StartSnapshotAsync("s");
            await using var origin = device.OpenOrigin();
            await origin.WriteAsync(0, new byte[Size]);
        }

        Assert.InRange(new FileInfo(_folder["log0"]).Length, Size, 4 << 20);
        await using var again = await SnapDevice.OpenAsync(options);
        Assert.DoesNotContain(await again.GetSnapshot("s").ReadAllAsync(), value => value != 9);
    }

    [Fact]
    public async Task A_limit_that_cannot_be_is_refused()
    {
        await File.WriteAllBytesAsync(_folder["source"], new byte[Size]);
        await Errors.ExpectAsync(EngineError.LogCannotGrow, "log0", () => SetUpAsync(new LogOptions { Path = _folder["log0"], Size = 2 << 20, GrowTo = 1 << 20 }));
        await Errors.ExpectAsync(EngineError.LogCannotGrow, "log0", () => SetUpAsync(new LogOptions { Path = _folder["log0"], Size = 2 << 20, GrowTo = 1L << 50 }));
        Assert.False(File.Exists(_folder["log0"]));
        var late = new LateBlockDevice(new MemoryBlockDevice("late", 1 << 20));
        var source = new MemoryBlockDevice("source", Size);
        await Errors.ExpectAsync(
            EngineError.LogCannotGrow, "late", () => SnapDevice.SetUpAsync("snap0", source, [new LogDevice(late) { GrowTo = 2 << 20 }], new DeviceSettings()));

        Task SetUpAsync(LogOptions log) => SnapDevice.SetUpAsync(new SnapDeviceOptions { Name = "snap0", Source = _folder["source"], Logs = [log] });
    }

    /// <summary>Writes until the log's growth has begun. It does so in the background: with an eighth of the log left it is waited for.</summary>
    private static async Task<int> FillUntilItGrowsAsync(Disk disk, Task growing)
    {
        var written = 0;
        for (; disk.Device.GetStatistics() is var log && log.LogFree > log.LogCapacity / 8; written += 16 << 10)
            await disk.FillAsync(written, 16 << 10, 1);
        await growing;
        return written;
    }

    private static void ThrowIfNoSpace(string operation, long size, long limit)
    {
        if (operation == "grow" && size > limit)
            throw new BlockDeviceException(BlockDeviceError.NoSpace, "log0: there is no space.");
    }
}
