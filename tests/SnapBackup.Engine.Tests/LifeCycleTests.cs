using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>Start, end and tear-down (O4, O10), and who may have what open (O8).</summary>
public sealed class LifeCycleTests
{
    [Fact]
    public async Task Starting_flushes_the_source()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var before = disk.Source.Flushes;
        await disk.Device.StartSnapshotAsync("s");
        Assert.True(disk.Source.Flushes > before);
    }

    [Fact]
    public async Task Starting_waits_for_writes_in_flight_and_they_are_in_the_snapshot()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        using var reached = new SemaphoreSlim(0);
        using var mayGoOn = new ManualResetEventSlim();
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "write")
            {
                reached.Release();
                mayGoOn.Wait();
            }
        };
        var write = Task.Run(() => disk.FillAsync(0, 4096, 9));
        await reached.WaitAsync();
        var start = disk.Device.StartSnapshotAsync("s");
        Assert.False(start.IsCompleted);
        mayGoOn.Set();
        await write;
        Assert.Equal(9, (await (await start).ReadAllAsync())[0]);
    }

    [Fact]
    public async Task Starting_twice_is_refused_and_the_first_goes_on()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var first = await disk.Device.StartSnapshotAsync("first");
        await Errors.ExpectAsync(EngineError.SnapshotAlreadyStarted, "snap0@first", () => disk.Device.StartSnapshotAsync("first"));
        Assert.Equal(SnapshotState.Active, first.State);
    }

    [Fact]
    public async Task A_name_that_a_broken_snapshot_has_is_refused_with_why_it_broke_and_is_free_once_that_is_ended()
    {
        await using var disk = await Disk.CreateAsync(256 << 10, [Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("first");
        await disk.FillAsync(0, 256 << 10, 1);
        var error = await Errors.ExpectAsync(EngineError.SnapshotAlreadyStarted, "snap0@first", () => disk.Device.StartSnapshotAsync("first"));
        Assert.Contains("is broken", error.Message, StringComparison.Ordinal);
        Assert.Contains("are full", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, Assert.Throws<EngineException>(() => disk.Device.ThrowIfCannotStart("first")).Message);
        await disk.Device.EndSnapshotAsync("first");
        disk.Device.ThrowIfCannotStart("first");
        await disk.Device.StartSnapshotAsync("first");
    }

    [Fact]
    public async Task A_bookmark_is_said_to_be_no_snapshot()
    {
        await using var disk = await Disk.CreateAsync(256 << 10, [Disk.LogOf(4)]);
        await disk.Device.StartSnapshotAsync("first");
        await disk.Device.EndSnapshotAsync("first", keepChanges: true);
        var error = await Errors.ExpectAsync(EngineError.SnapshotNotStarted, "'first' is a bookmark", () => disk.Device.RollBackAsync("first"));
        Assert.EndsWith("No snapshot is kept now.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ending_what_is_not_started_is_refused()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await Errors.ExpectAsync(EngineError.SnapshotNotStarted, "snap0", () => disk.Device.EndSnapshotAsync("s"));
    }

    [Fact]
    public async Task A_source_that_cannot_be_flushed_gets_no_snapshot_and_works_on()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var flushes = 0;
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "flush" && ++flushes == 2)
                throw Errors.BadMedium("source");
        };
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "source", () => disk.Device.StartSnapshotAsync("s"));
        Assert.Empty(disk.Device.Snapshots);
        await disk.FillAsync(0, 10, 1);
        Assert.Equal(0, disk.Device.GetStatistics().BlocksPreserved);
    }

    [Fact]
    public async Task Ending_gives_the_log_space_back_and_writes_go_straight_on()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [144 << 10]);
        for (var night = 0; night < 5; night++)
        {
            var snapshot = await disk.Device.StartSnapshotAsync("s");
            await disk.FillAsync(0, 40_000, (byte)night);
            Assert.True(disk.Device.GetStatistics().LogUsed > 0);
            Assert.Equal(SnapshotState.Active, snapshot.State);
            await disk.Device.EndSnapshotAsync("s");
            Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        }

        var preserved = disk.Device.GetStatistics().BlocksPreserved;
        await disk.FillAsync(50_000, 40_000, 1);
        Assert.Equal(preserved, disk.Device.GetStatistics().BlocksPreserved);
    }

    [Fact]
    public async Task Reads_of_an_ended_snapshot_fail_and_say_so()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var open = snapshot.Open();
        await disk.Device.EndSnapshotAsync("s");
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => open.ReadAsync(0, 10));
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => open.GetExtentAsync(0, 10).AsTask());
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => Task.FromResult(snapshot.Open()));
    }

    [Fact]
    public async Task Ending_waits_for_a_reader_that_is_under_way()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var expected = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 100_000, 5);
        using var reached = new SemaphoreSlim(0);
        using var mayGoOn = new ManualResetEventSlim();
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation != "read")
                return;
            reached.Release();
            mayGoOn.Wait();
        };
        var read = Task.Run(snapshot.ReadAllAsync);
        await reached.WaitAsync();
        var end = disk.Device.EndSnapshotAsync("s");
        Assert.False(end.IsCompleted);
        Assert.True(disk.Device.GetStatistics().LogUsed > 0, "what is being read is not given to others");
        mayGoOn.Set();
        await end;
        disk.Logs[0].Fault = null;
        if (await Record.ExceptionAsync(() => read) is { } error)
            Assert.Equal(EngineError.SnapshotEnded, Assert.IsType<EngineException>(error).Reason);
        else
            Assert.Equal(expected, await read);
    }

    [Fact]
    public async Task Tear_down_is_refused_while_someone_has_it_open()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var one = snapshot.Open();
        await using var two = snapshot.Open();
        Assert.Equal(2, snapshot.OpenCount);
        var error = await Errors.ExpectAsync(EngineError.DeviceInUse, "snap0", () => disk.Device.TearDownAsync());
        Assert.Contains("origin has 1 opener, its snapshots 2", error.Message, StringComparison.Ordinal);
        await disk.FillAsync(0, 10, 1);

        await two.DisposeAsync();
        await two.DisposeAsync();
        Assert.Equal(1, snapshot.OpenCount);
        await one.DisposeAsync();
        await disk.Origin.DisposeAsync();
        await disk.Device.TearDownAsync();
        Assert.True(disk.Device.IsTornDown);
    }

    [Fact]
    public async Task Tear_down_ends_a_running_snapshot_and_flushes_the_source()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.Origin.DisposeAsync();
        var before = disk.Source.Flushes;
        await disk.Device.TearDownAsync();
        Assert.Equal(before + 1, disk.Source.Flushes);
        Assert.Equal(SnapshotState.Ended, snapshot.State);
    }

    [Fact]
    public async Task After_a_forced_tear_down_every_request_is_refused()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var open = snapshot.Open();
        await disk.Device.TearDownAsync(force: true);
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.FillAsync(0, 10, 1));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Origin.ReadAsync(0, 10));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Origin.FlushAsync().AsTask());
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.StartSnapshotAsync("s"));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.EndSnapshotAsync("s"));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.TearDownAsync());
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => Task.FromResult(disk.Device.OpenOrigin()));
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => open.ReadAsync(0, 10));
    }

    [Fact]
    public async Task A_source_that_cannot_be_flushed_at_last_is_reported_and_let_go()
    {
        using var folder = new TempFolder();
        var source = new MemoryBlockDevice("source", 100_000);
        await using var device = await SnapDevice.SetUpAsync("snap0", source, [FileBlockDevice.Create(folder["log"], 1 << 20)], new DeviceSettings());
        source.Fault = (operation, _, _) => throw Errors.BadMedium(operation);
        await Errors.ExpectAsync(BlockDeviceError.InputOutput, "flush", () => device.TearDownAsync());
        await using var log = FileBlockDevice.Open(folder["log"]);
        Assert.True(device.IsTornDown);
    }

    [Fact]
    public async Task A_disposed_device_is_torn_down_and_can_be_disposed_again()
    {
        var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await Task.WhenAll(disk.DisposeAsync().AsTask(), disk.DisposeAsync().AsTask());
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.StartSnapshotAsync("s"));
    }

    [Fact]
    public async Task A_cancelled_write_is_either_not_begun_or_finished()
    {
        await using var disk = await Disk.CreateAsync(4 << 20, [16 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        using var cancel = new CancellationTokenSource();
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "write")
                cancel.Cancel();
        };
        var data = new byte[4 << 20];
        data.AsSpan().Fill(9);
        await disk.Origin.WriteAsync(0, data, WriteOptions.None, cancel.Token);
        Assert.DoesNotContain(disk.Source.Content, value => value != 9);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => disk.Origin.WriteAsync(0, new byte[9], WriteOptions.None, cancel.Token).AsTask());
        Assert.Equal(9, disk.Source.Content[0]);
    }

    [Fact]
    public async Task A_cancelled_start_changes_nothing()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => disk.Device.StartSnapshotAsync("s", new CancellationToken(canceled: true)));
        Assert.Empty(disk.Device.Snapshots);
    }
}
