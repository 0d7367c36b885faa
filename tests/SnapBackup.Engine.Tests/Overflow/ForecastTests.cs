using Microsoft.Extensions.Time.Testing;
using SnapBackup.Engine.Overflow;

namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>It is foretold when the logs will be full, and told how far it has come: once each, to listeners that can harm nobody.</summary>
public sealed class ForecastTests
{
    private const int Size = 2 << 20;

    [Fact]
    public void The_rate_comes_to_what_goes_on_and_fades_when_it_stops()
    {
        var clock = new FakeTimeProvider();
        var rate = new FillRate(clock);
        Assert.Equal(0, rate.BytesPerSecond);
        for (var second = 1; second <= 600; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            rate.Advance(second * 1000L);
        }

        Assert.InRange(rate.BytesPerSecond, 990, 1010);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.InRange(rate.BytesPerSecond, 350, 380);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.InRange(rate.BytesPerSecond, 0, 1e-9);
    }

    [Fact]
    public void A_burst_is_not_taken_for_what_goes_on()
    {
        var rate = new FillRate(new FakeTimeProvider());
        rate.Advance(60_000);
        Assert.Equal(1000, rate.BytesPerSecond, 3);
    }

    [Fact]
    public void The_rate_has_settled_when_writes_have_gone_on_for_a_while_without_a_long_pause()
    {
        var clock = new FakeTimeProvider();
        var rate = new FillRate(clock);
        clock.Advance(TimeSpan.FromHours(1)); // before the first write
        rate.Advance(60_000);
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.False(rate.IsSettled);
        rate.Advance(120_000); // a second burst
        Assert.False(rate.IsSettled);
        clock.Advance(TimeSpan.FromSeconds(29));
        rate.Advance(130_000);
        Assert.False(rate.IsSettled);
        clock.Advance(TimeSpan.FromSeconds(1));
        rate.Advance(140_000);
        Assert.True(rate.IsSettled);
    }

    [Fact]
    public async Task A_short_burst_is_no_alarm()
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock, [Disk.LogOf(20)]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 512 << 10, 1);
        Assert.Null(disk.Device.GetStatistics().TimeUntilLogFull);
        Assert.Equal(LogFillStage.None, disk.Device.GetStatistics().LogFillStage);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(LogFillStage.None, disk.Device.GetStatistics().LogFillStage);
    }

    [Fact]
    public async Task Nothing_is_foretold_while_nothing_is_kept()
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock, [Disk.LogOf(20)]);
        await disk.Device.StartSnapshotAsync("s");
        await WriteSteadilyAsync(disk, clock, 0, 40);
        Assert.NotNull(disk.Device.GetStatistics().TimeUntilLogFull);
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        Assert.NotNull(disk.Device.GetStatistics().TimeUntilLogFull); // changes are still recorded
        await disk.Device.ForgetBookmarkAsync("s");
        Assert.Null(disk.Device.GetStatistics().TimeUntilLogFull);
        Assert.Equal(LogFillStage.None, disk.Device.GetStatistics().LogFillStage);
    }

    [Fact]
    public async Task What_was_given_up_is_told_until_it_is_ended()
    {
        await using var disk = await CreateAsync(new TestClock { Skips = true }, [Disk.LogOf(1)]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(LogFillStage.Overflowed, disk.Device.GetStatistics().LogFillStage);
        await disk.Device.EndSnapshotAsync("s");
        Assert.Equal(LogFillStage.None, disk.Device.GetStatistics().LogFillStage);
    }

    [Fact]
    public async Task It_is_told_once_when_the_end_comes_in_sight_and_again_only_after_there_was_more_room()
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock, [Disk.LogOf(20)]);
        var notices = new Notices(disk.Device);
        await disk.Device.StartSnapshotAsync("s");
        await WriteSteadilyAsync(disk, clock, 0, 40);
        var first = await notices.NextAsync();
        Assert.Equal(LogFillStage.Filling, first.Stage);
        Assert.InRange(first.TimeUntilFull!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15));
        Assert.InRange(first.FillFraction, 0, 0.5);
        Assert.InRange(first.BytesFree, 10 * (64 << 10), 20 * (64 << 10));
        Assert.InRange(first.Rate, 100, 4096);
        Assert.Equal(LogFillStage.Filling, disk.Device.GetStatistics().LogFillStage);
        Assert.InRange(disk.Device.GetStatistics().TimeUntilLogFull!.Value, TimeSpan.FromSeconds(10), first.TimeUntilFull.Value);

        clock.Advance(TimeSpan.FromHours(1)); // nothing is written
        Assert.Equal(LogFillStage.None, disk.Device.GetStatistics().LogFillStage);
        await disk.Device.EndSnapshotAsync("s");
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(disk.Device.GetStatistics().TimeUntilLogFull);
        await disk.Device.StartSnapshotAsync("next");
        await WriteSteadilyAsync(disk, clock, 0, 40);
        var second = await notices.NextAsync();
        Assert.Equal(LogFillStage.Filling, second.Stage);
    }

    [Fact]
    public async Task What_can_still_grow_is_counted()
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock, [Disk.LogOf(20)], growTo: Disk.LogOf(10_000));
        await disk.Device.StartSnapshotAsync("s");
        await WriteSteadilyAsync(disk, clock, 0, 40);
        Assert.InRange(disk.Device.GetStatistics().TimeUntilLogFull!.Value, TimeSpan.FromHours(1), TimeSpan.FromDays(30));
        Assert.Equal(LogFillStage.None, disk.Device.GetStatistics().LogFillStage);
    }

    [Fact]
    public async Task The_rungs_come_in_their_order()
    {
        var clock = new TestClock { Skips = true };
        var settings = new DeviceSettings
        {
            Overflow = new OverflowOptions { Policy = OverflowPolicy.Hold, HoldFor = TimeSpan.FromSeconds(10), Horizon = TimeSpan.FromSeconds(30) },
            Clock = clock,
        };
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(4)], settings, Disk.LogOf(6));
        var frozen = disk.Source.Content.ToArray();
        var notices = new Notices(disk.Device);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await WriteSteadilyAsync(disk, clock, 0, 40);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        await WriteSteadilyAsync(disk, clock, 40, 10);

        var stages = new List<LogFillStage>();
        do
        {
            stages.Add((await notices.NextAsync()).Stage);
        }
        while (stages[^1] != LogFillStage.Overflowed);
        Assert.Equal(
            [LogFillStage.Filling, LogFillStage.Slowed, LogFillStage.Held, LogFillStage.Overflowed],
            stages.Where(stage => stage != LogFillStage.Grown));
        Assert.Equal(2, stages.Count(stage => stage == LogFillStage.Grown));
        Assert.True(stages.LastIndexOf(LogFillStage.Grown) < stages.IndexOf(LogFillStage.Slowed));
        Assert.Equal(SnapshotState.Broken, snapshot.State);
    }

    [Fact]
    public async Task A_listener_that_fails_or_blocks_holds_no_write_up_and_no_end()
    {
        var clock = new TestClock { Skips = true };
        await using var disk = await CreateAsync(clock, [Disk.LogOf(1)]);
        using var mayGoOn = new ManualResetEventSlim();
        var notices = 0;
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.Device.LogFilling += (_, _) =>
        {
            mayGoOn.Wait();
            if (++notices == 2)
                second.SetResult();
            throw new InvalidOperationException("the listener's own fault");
        };
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        await disk.Device.EndSnapshotAsync("s");
        await disk.DisposeAsync();
        Assert.Equal(0, notices);
        mayGoOn.Set();
        await second.Task;
    }

    [Fact]
    public async Task Room_that_is_kept_for_the_change_map_is_not_counted()
    {
        await using var disk = await CreateAsync(new TestClock(), [Disk.LogOf(8)]);
        await disk.Device.StartSnapshotAsync("s");
        var free = disk.Device.GetStatistics().LogFree;
        Assert.Equal(8 * (64 << 10), free);
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        Assert.InRange(disk.Device.GetStatistics().LogFree, 1, free - (64 << 10));
    }

    [Fact]
    public async Task A_log_that_failed_is_no_room()
    {
        await using var disk = await CreateAsync(new TestClock(), [Disk.LogOf(8), Disk.LogOf(2)]);
        await disk.Device.StartSnapshotAsync("s");
        disk.Logs[0].Fault = (operation, _, _) => throw Errors.BadMedium("log0");
        await disk.FillAsync(0, 4096, 1);
        Assert.InRange(disk.Device.GetStatistics().LogFree, 64 << 10, 2 * (64 << 10));
    }

    /// <summary>A block each second.</summary>
    private static async Task WriteSteadilyAsync(Disk disk, TestClock clock, int firstBlock, int count)
    {
        for (var block = firstBlock; block < firstBlock + count; block++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await disk.FillAsync(block << 12, 4096, 1);
        }
    }

    private static Task<Disk> CreateAsync(TestClock clock, int[] logs, long? growTo = null) =>
        Disk.CreateAsync(Size, logs, new DeviceSettings { Clock = clock }, growTo);
}
