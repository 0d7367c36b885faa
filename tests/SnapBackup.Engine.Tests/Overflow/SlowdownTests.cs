using SnapBackup.Engine.Overflow;

namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>Writers are slowed as the logs get full, each by a share that grows with the fill and is bounded.</summary>
public sealed class SlowdownTests
{
    private const int Size = 256 << 10;
    private static readonly TimeSpan Largest = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(0.9, 0.0, 0.0)]
    [InlineData(0.9, 0.89, 0.0)]
    [InlineData(0.9, 0.95, 0.5)]
    [InlineData(0.9, 1.0, 1.0)]
    [InlineData(0.0, 0.25, 0.25)]
    [InlineData(1.0, 0.99, 0.0)]
    [InlineData(1.0, 1.0, 1.0)]
    public void The_share_grows_evenly_from_where_it_begins(double from, double fill, double share)
    {
        var slowdown = new WriterSlowdown(new OverflowOptions { SlowFrom = from }, new TestClock());
        Assert.Equal(share, slowdown.ShareAt(new LogRoom(1000 - (long)(fill * 1000), 0, 1000)), 3);
    }

    [Fact]
    public void What_can_still_grow_counts_as_room()
    {
        var slowdown = new WriterSlowdown(new OverflowOptions { SlowFrom = 0.9 }, new TestClock());
        Assert.Equal(0, slowdown.ShareAt(new LogRoom(Free: 0, Growable: 9000, Total: 10_000)));
        Assert.Equal(1, slowdown.ShareAt(new LogRoom(Free: 0, Growable: 0, Total: 1000)), 3);
    }

    [Fact]
    public void Without_a_delay_or_without_logs_that_work_nobody_is_slowed()
    {
        Assert.Equal(0, new WriterSlowdown(new OverflowOptions { LargestDelay = TimeSpan.Zero }, new TestClock()).ShareAt(new LogRoom(0, 0, 1000)));
        Assert.Equal(0, new WriterSlowdown(new OverflowOptions(), new TestClock()).ShareAt(new LogRoom(0, 0, 0)));
    }

    [Fact]
    public async Task Each_commit_group_waits_its_share_and_never_more_than_the_largest_delay()
    {
        var clock = new TestClock { Skips = true };
        await using var disk = await CreateAsync(clock);
        await disk.Device.StartSnapshotAsync("s");
        for (var at = 0; at < 13 << 12; at += 4096)
            await disk.FillAsync(at, 4096, 1);
        var waits = new List<TimeSpan>();
        while (clock.Waits.TryRead(out var wait))
            waits.Add(wait);
        Assert.Equal(disk.Device.GetStatistics().GroupsSlowed, waits.Count);
        Assert.NotEmpty(waits);
        Assert.Equal(waits.Order(), waits);
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromTicks(1), Largest));
    }

    [Fact]
    public async Task A_group_that_stood_in_a_queue_has_waited_already()
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4 << 12, 1);
        var first = disk.FillAsync(4 << 12, 4096, 1);
        var due = await clock.Waits.ReadAsync(TestContext.Current.CancellationToken);
        var second = disk.FillAsync(5 << 12, 4096, 1); // it waits behind the first
        clock.Advance(Largest);
        await first;
        await second;
        Assert.InRange(due, TimeSpan.FromTicks(1), Largest);
        Assert.False(clock.Waits.TryRead(out _));
    }

    [Fact]
    public async Task Writes_that_preserve_nothing_are_not_slowed()
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4 << 12, 1);
        await disk.FillAsync(0, 4 << 12, 2);
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        await disk.FillAsync(0, Size, 3);
        Assert.False(clock.Waits.TryRead(out _));
    }

    [Fact]
    public async Task When_there_is_room_again_nobody_is_slowed_any_more()
    {
        var clock = new TestClock { Skips = true };
        await using var disk = await CreateAsync(clock, from: 0.5);
        await disk.Device.StartSnapshotAsync("s");
        for (var at = 0; at < 12 << 12; at += 4096)
            await disk.FillAsync(at, 4096, 1);
        var slowed = disk.Device.GetStatistics().GroupsSlowed;
        Assert.NotEqual(0, slowed);
        await disk.AddLogAsync(Disk.LogOf(30));
        for (var at = 12 << 12; at < 20 << 12; at += 4096)
            await disk.FillAsync(at, 4096, 1);
        Assert.Equal(slowed, disk.Device.GetStatistics().GroupsSlowed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Letting_the_device_go_does_not_wait_for_it(bool tearDown)
    {
        var clock = new TestClock();
        await using var disk = await CreateAsync(clock);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4 << 12, 1);
        var write = disk.FillAsync(4 << 12, 4096, 1);
        await clock.Waits.ReadAsync(TestContext.Current.CancellationToken);
        if (tearDown)
            await disk.Device.TearDownAsync(force: true);
        else
            await disk.Device.DisposeAsync();
        await write;
        Assert.Equal(1, disk.Source.Content[4 << 12]);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public Task A_fill_that_is_none_is_refused(double from) => RefusedAsync(new OverflowOptions { SlowFrom = from });

    [Fact]
    public async Task Times_out_of_their_range_are_refused()
    {
        await RefusedAsync(new OverflowOptions { LargestDelay = TimeSpan.FromSeconds(2) });
        await RefusedAsync(new OverflowOptions { LargestDelay = TimeSpan.FromSeconds(-1) });
        await RefusedAsync(new OverflowOptions { HoldFor = TimeSpan.FromHours(2) });
        await RefusedAsync(new OverflowOptions { HoldFor = TimeSpan.FromSeconds(-1) });
        await RefusedAsync(new OverflowOptions { Horizon = TimeSpan.FromSeconds(-1) });
    }

    private static Task<EngineException> RefusedAsync(OverflowOptions options) => Errors.ExpectAsync(
        EngineError.InvalidOverflowOption, "snap0", () => Disk.CreateAsync(Size, [Disk.LogOf(1)], new DeviceSettings { Overflow = options }));

    private static Task<Disk> CreateAsync(TestClock clock, double from = 0) => Disk.CreateAsync(
        Size, [Disk.LogOf(1)], new DeviceSettings { Overflow = new OverflowOptions { SlowFrom = from, LargestDelay = Largest }, Clock = clock });
}
