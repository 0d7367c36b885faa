namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>The policy that holds writes when there is no room: what frees them, and that nobody waits longer than the time.</summary>
public sealed class HoldTests : IAsyncDisposable
{
    private const int Size = 256 << 10;
    private static readonly TimeSpan HoldFor = TimeSpan.FromMinutes(1);

    private readonly TestClock _clock = new();
    private Disk? _disk;
    private Notices? _notices;
    private byte[] _frozen = [];

    public async ValueTask DisposeAsync()
    {
        if (_disk is not null)
            await _disk.DisposeAsync();
    }

    [Fact]
    public async Task Writes_wait_and_when_the_time_is_up_the_oldest_snapshot_ends()
    {
        var (disk, write) = await HeldAsync();
        Assert.Equal(HoldFor, await _clock.Waits.ReadAsync(TestContext.Current.CancellationToken));
        _clock.Advance(HoldFor - TimeSpan.FromTicks(1));
        Assert.False(write.IsCompleted);
        Assert.Equal(SnapshotState.Active, disk.Device.GetSnapshot("s").State);
        _clock.Advance(TimeSpan.FromTicks(1));
        await write;
        Assert.DoesNotContain(disk.Source.Content, value => value != 1);
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("s").State);
        await _notices!.UntilAsync(LogFillStage.Overflowed);
    }

    [Fact]
    public async Task Statistics_show_it()
    {
        var (disk, write) = await HeldAsync();
        var held = disk.Device.GetStatistics();
        Assert.Equal((1, LogFillStage.Held), (held.GroupsHeld, held.LogFillStage));
        Assert.Equal(1, held.RequestsBegun - held.RequestsEnded);
        await disk.Device.EndSnapshotAsync("s");
        await write;
        Assert.Equal((1, LogFillStage.None), (disk.Device.GetStatistics().GroupsHeld, disk.Device.GetStatistics().LogFillStage));
    }

    [Fact]
    public async Task A_log_that_is_added_frees_them()
    {
        var (disk, write) = await HeldAsync();
        await disk.AddLogAsync(Disk.LogOf(8));
        await write;
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task The_end_of_the_only_snapshot_frees_them()
    {
        var (disk, write) = await HeldAsync();
        await disk.Device.EndSnapshotAsync("s");
        await write;
        Assert.DoesNotContain(disk.Source.Content, value => value != 1);
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
    }

    [Fact]
    public async Task The_end_of_the_oldest_frees_them_and_the_younger_stays_exact()
    {
        var disk = await CreateAsync([Disk.LogOf(2)]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 50_000, 7);
        var write = await HoldAsync(disk, "young", Size / 2);
        await disk.Device.EndSnapshotAsync("old");
        await disk.AddLogAsync(Disk.LogOf(8));
        await write;
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("young").ReadAllAsync());
    }

    [Fact]
    public async Task The_end_of_one_in_the_middle_frees_them_when_the_older_has_all_of_its_versions()
    {
        var disk = await CreateAsync([Disk.LogOf(16)]);
        await disk.Device.StartSnapshotAsync("mark");
        await disk.Device.EndSnapshotAsync("mark", keepChanges: true);
        var first = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, Size, 7);
        await disk.Device.StartSnapshotAsync("middle");
        await disk.FillAsync(0, Size, 8);
        var write = await HoldAsync(disk, "young", Size);
        await disk.Device.EndSnapshotAsync("middle");
        await write;
        Assert.Equal(first, await disk.Device.GetSnapshot("old").ReadAllAsync());
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("young").ReadAllAsync());
        Assert.False(Assert.Single(disk.Device.Bookmarks).ChangesLost);
    }

    [Fact]
    public async Task A_file_that_can_grow_again_frees_them()
    {
        var disk = await CreateAsync([Disk.LogOf(1)], growTo: Disk.LogOf(10));
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "grow")
                throw Errors.BadMedium("log0");
        };
        var write = await HoldAsync(disk, "s", Size);
        disk.Logs[0].Fault = null;
        await _clock.PassAsync();
        await write;
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await _notices!.UntilAsync(LogFillStage.Grown);
    }

    [Fact]
    public async Task Reads_go_on_meanwhile()
    {
        var (disk, write) = await HeldAsync();
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await disk.Origin.ReadAsync(0, Size);
        await disk.Origin.FlushAsync();
        Assert.Single(await disk.Device.CompareAsync("s"));
        await disk.Device.EndSnapshotAsync("s");
        await write;
    }

    [Fact]
    public async Task Writes_to_blocks_that_are_preserved_already_go_on_meanwhile()
    {
        var (disk, write) = await HeldAsync();
        await disk.FillAsync(0, 4096, 3);
        Assert.Equal(3, disk.Source.Content[0]);
        await disk.Device.EndSnapshotAsync("s");
        await write;
    }

    [Fact]
    public async Task A_start_is_refused_meanwhile_because_it_would_hold_up_what_can_make_room()
    {
        var (disk, write) = await HeldAsync();
        await Errors.ExpectAsync(EngineError.WritersHeld, "snap0@more", () => disk.Device.StartSnapshotAsync("more"));
        await disk.AddLogAsync(Disk.LogOf(8));
        await write;
        await disk.Device.StartSnapshotAsync("more");
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task A_start_that_waits_for_writes_gives_up_when_they_come_to_be_held()
    {
        var disk = await CreateAsync([Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 8 << 12, 1);
        using var mayWrite = new ManualResetEventSlim();
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "write")
            {
                writing.TrySetResult();
                mayWrite.Wait();
            }
        };
        var write = Task.Run(() => disk.FillAsync(8 << 12, 8 << 12, 1)); // more than there is room for
        await writing.Task;
        var start = disk.Device.StartSnapshotAsync("more");
        Assert.False(start.IsCompleted);
        mayWrite.Set();
        await Errors.ExpectAsync(EngineError.WritersHeld, "snap0@more", () => start);
        disk.Logs[0].Fault = null;
        Assert.False(write.IsCompleted);
        await disk.AddLogAsync(Disk.LogOf(1));
        await write;
        await disk.Device.StartSnapshotAsync("more");
    }

    [Fact]
    public async Task Letting_the_device_go_refuses_them_and_keeps_the_snapshot()
    {
        var (disk, write) = await HeldAsync();
        await disk.Device.DisposeAsync();
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => write);
        await disk.ReopenAsync();
        Assert.Equal(_frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task Tearing_the_device_down_lets_them_go()
    {
        var (disk, write) = await HeldAsync();
        var written = disk.Source.Content.Count(value => value == 1);
        await disk.Device.TearDownAsync(force: true);
        if (await Record.ExceptionAsync(() => write) is { } error)
            Assert.Equal(EngineError.DeviceTornDown, Assert.IsType<EngineException>(error).Reason); // what of it had not come in yet
        Assert.True(disk.Source.Content.Count(value => value == 1) > written + 4096, "what was held was written");
    }

    [Fact]
    public async Task A_write_that_has_waited_behind_others_waits_no_longer_than_they()
    {
        var disk = await CreateAsync([Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 4096, 7);
        await disk.Device.StartSnapshotAsync("young");
        var writes = new List<Task>();
        for (var at = 128 << 10; at < Size; at += 4096)
            writes.Add(disk.FillAsync(at, 4096, 1));
        await _notices!.UntilAsync(LogFillStage.Held);
        await _clock.PassAsync();
        await Task.WhenAll(writes);
        Assert.All(disk.Device.Snapshots, snapshot => Assert.Equal(SnapshotState.Broken, snapshot.State));
        Assert.Equal(HoldFor, _clock.GetElapsedTime(0, _clock.GetTimestamp()) - Started);
    }

    [Fact]
    public async Task Where_every_log_has_failed_nobody_is_held()
    {
        var disk = await CreateAsync([Disk.LogOf(1)]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        disk.Logs[0].Fault = (_, _, _) => throw Errors.BadMedium("log0");
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        Assert.Equal(0, disk.Device.GetStatistics().GroupsHeld);
    }

    [Fact]
    public async Task Writes_are_held_for_the_change_map_too_rather_than_that_it_is_lost()
    {
        var disk = await CreateAsync([Disk.LogOf(1)], granularity: 4096);
        await disk.Device.StartSnapshotAsync("s");
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        var writes = Task.Run(async () =>
        {
            for (var at = 0; at < Size; at += 4096)
                await disk.FillAsync(at, 4096, 1);
        });
        await _notices!.UntilAsync(LogFillStage.Held);
        await disk.AddLogAsync(Disk.LogOf(8));
        await writes;
        Assert.False(Assert.Single(disk.Device.Bookmarks).ChangesLost);
        Assert.Equal(new ChangedRange(0, Size), Assert.Single(await disk.Device.CompareAsync("s")));
    }

    [Fact]
    public async Task Many_writers_are_held_and_freed_again_and_again_and_every_snapshot_is_exact_or_ended()
    {
        var disk = await CreateAsync([Disk.LogOf(2)]);
        var stop = new TaskCompletionSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            while (!stop.Task.IsCompleted)
                await disk.FillAsync(random.Next(Size - 9000), random.Next(1, 9000), (byte)random.Next(256));
        })).ToList();
        for (var round = 0; round < 60; round++)
        {
            while (await Record.ExceptionAsync(() => disk.Device.StartSnapshotAsync($"s{round}")) is { } error)
            {
                Assert.Equal(EngineError.WritersHeld, Assert.IsType<EngineException>(error).Reason);
                await disk.Device.EndSnapshotAsync(disk.Device.Snapshots[round % disk.Device.Snapshots.Count].Name);
            }

            var snapshot = disk.Device.GetSnapshot($"s{round}");
            var content = await snapshot.ReadAllAsync();
            await Task.Yield();
            Assert.Equal(content, await snapshot.ReadAllAsync());
        }

        foreach (var snapshot in disk.Device.Snapshots)
            await disk.Device.EndSnapshotAsync(snapshot.Name);
        stop.SetResult();
        await Task.WhenAll(writers);
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
    }

    private TimeSpan Started { get; set; }

    private async Task<Disk> CreateAsync(int[] logs, long? growTo = null, int granularity = 65536)
    {
        var settings = new DeviceSettings
        {
            ChangeGranularity = granularity,
            Overflow = new OverflowOptions { Policy = OverflowPolicy.Hold, HoldFor = HoldFor, LargestDelay = TimeSpan.Zero, Horizon = TimeSpan.Zero },
            Clock = _clock,
        };
        _disk = await Disk.CreateAsync(Size, logs, settings, growTo);
        _notices = new Notices(_disk.Device);
        Started = _clock.GetElapsedTime(0, _clock.GetTimestamp());
        return _disk;
    }

    /// <summary>A disk whose log is full, and a write that is held.</summary>
    private async Task<(Disk Disk, Task Write)> HeldAsync()
    {
        var disk = await CreateAsync([Disk.LogOf(1)]);
        return (disk, await HoldAsync(disk, "s", Size));
    }

    private async Task<Task> HoldAsync(Disk disk, string snapshot, int length)
    {
        _frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync(snapshot);
        var write = disk.FillAsync(0, length, 1);
        await _notices!.UntilAsync(LogFillStage.Held);
        Assert.False(write.IsCompleted);
        return write;
    }
}
