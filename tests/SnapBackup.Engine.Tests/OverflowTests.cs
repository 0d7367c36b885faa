namespace SnapBackup.Engine.Tests;

/// <summary>Log full: the next log; all full: the snapshot ends and the source never suffers (O7).</summary>
public sealed class OverflowTests
{
    private const int SmallestLog = 136 << 10;

    [Fact]
    public async Task A_full_log_is_followed_by_the_next()
    {
        await using var disk = await Disk.CreateAsync(256 << 10, [SmallestLog, SmallestLog, 1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 256 << 10, 1);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        Assert.All(disk.Logs, log => Assert.True(log.Content.AsSpan(8192).ContainsAnyExcept((byte)0)));
    }

    [Fact]
    public async Task When_all_logs_are_full_the_snapshot_breaks_with_a_warning_and_the_write_is_done()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [SmallestLog, SmallestLog]);
        var warned = new List<Snapshot>();
        disk.Device.SnapshotBroken += (_, e) => warned.Add(e.Snapshot);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var open = snapshot.Open();
        await disk.FillAsync(0, 1 << 20, 1);

        Assert.DoesNotContain(disk.Source.Content, value => value != 1);
        Assert.Equal(SnapshotState.Broken, snapshot.State);
        Assert.Same(snapshot, Assert.Single(warned));
        Assert.Contains("2 log(s) are full", snapshot.BreakCause!.Message, StringComparison.Ordinal);
        await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => open.ReadAsync(0, 10));
        await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => Task.FromResult(snapshot.Open()));
        await disk.FillAsync(0, 1 << 20, 2);
        Assert.Single(warned);
    }

    [Fact]
    public async Task A_warning_that_fails_holds_nobody_up()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [SmallestLog]);
        disk.Device.SnapshotBroken += (_, _) => throw new InvalidOperationException("the listener's own fault");
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 1 << 20, 1);
        await disk.Device.EndSnapshotAsync("s");
    }

    [Fact]
    public async Task After_an_overflow_the_next_snapshot_has_the_whole_log()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [SmallestLog]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 1 << 20, 1);
        var frozen = disk.Source.Content.ToArray();
        var next = await disk.Device.StartSnapshotAsync("next");
        await disk.FillAsync(0, 50_000, 2);
        Assert.Equal(SnapshotState.Active, next.State);
        Assert.Equal(frozen, await next.ReadAllAsync());
    }

    [Fact]
    public async Task A_broken_snapshot_can_be_ended()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [SmallestLog]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var open = snapshot.Open();
        await disk.FillAsync(0, 1 << 20, 1);
        await disk.Device.EndSnapshotAsync("s");
        Assert.Empty(disk.Device.Snapshots);
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => open.ReadAsync(0, 10));
    }

    [Fact]
    public async Task Readers_racing_an_overflow_get_the_old_content_or_an_error_never_the_new()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var disk = await Disk.CreateAsync(512 << 10, [SmallestLog]);
            var frozen = disk.Source.Content.ToArray();
            var snapshot = await disk.Device.StartSnapshotAsync("s");
            var read = Task.Run(async () =>
            {
                while (true)
                    Assert.Equal(frozen, await snapshot.ReadAllAsync());
            });
            await disk.FillAsync(0, 512 << 10, 1);
            await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => read);
        }
    }
}
