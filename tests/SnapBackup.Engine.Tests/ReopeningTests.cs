using Microsoft.Extensions.Time.Testing;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>What is kept survives that the device is let go, and that the process is killed (invariants 3, 4, 7).</summary>
public sealed class ReopeningTests
{
    private const int Size = 300_000;

    [Fact]
    public async Task A_snapshot_is_as_exact_after_the_device_was_let_go()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(5000, 200_000, 1);
        await disk.ReopenAsync();
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
        await disk.FillAsync(0, Size, 2);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task A_snapshot_is_as_exact_after_a_crash_and_another_one()
    {
        await using var first = await Disk.CreateAsync(Size, [1 << 20]);
        var frozen = first.Source.Content.ToArray();
        await first.Device.StartSnapshotAsync("s");
        await first.FillAsync(5000, 100_000, 1);
        await using var second = await first.OpenAfterCrashAsync();
        await second.FillAsync(90_000, 50_000, 2);
        await using var third = await second.OpenAfterCrashAsync();
        await third.FillAsync(0, Size, 3);
        Assert.Equal(frozen, await third.Device.GetSnapshot("s").ReadAllAsync());
        Assert.Equal(SnapshotState.Active, third.Device.GetSnapshot("s").State);
    }

    [Fact]
    public async Task Space_is_found_again_and_goes_on_being_used()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        for (var round = 0; round < 20; round++)
        {
            var frozen = disk.Source.Content.ToArray();
            await disk.Device.StartSnapshotAsync("s");
            await disk.FillAsync(round * 1000, 200_000, (byte)round);
            var used = disk.Device.GetStatistics().LogUsed;
            await disk.ReopenAsync();
            Assert.Equal(used, disk.Device.GetStatistics().LogUsed);
            Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
            await disk.Device.EndSnapshotAsync("s");
            Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        }
    }

    [Fact]
    public async Task When_a_snapshot_started_is_still_known_and_its_bookmark_knows_it_too()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 2, 0, 0, 7, TimeSpan.Zero));
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], new DeviceSettings { Clock = clock });
        var startedAt = clock.GetUtcNow();
        Assert.Equal(startedAt, (await disk.Device.StartSnapshotAsync("s")).StartedAt);
        clock.Advance(TimeSpan.FromHours(5));
        await disk.ReopenAsync();
        Assert.Equal(startedAt, disk.Device.GetSnapshot("s").StartedAt);
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        await disk.ReopenAsync();
        Assert.Equal(startedAt, Assert.Single(disk.Device.Bookmarks).StartedAt);
    }

    [Fact]
    public async Task An_ended_snapshot_does_not_come_back()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.Device.EndSnapshotAsync("s");
        await disk.ReopenAsync();
        Assert.Empty(disk.Device.Snapshots);
    }

    [Fact]
    public async Task Logs_are_given_in_any_order_and_all_of_them()
    {
        await using var disk = await Disk.CreateAsync(Size, [200 << 10, 200 << 10, 1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        await disk.Device.DisposeAsync();
        await Errors.ExpectAsync(
            EngineError.LogMissing, "log number 1", () => SnapDevice.OpenAsync("snap0", disk.Source, [disk.Logs[2], disk.Logs[0]], new DeviceSettings()));
        await using var device = await SnapDevice.OpenAsync("snap0", disk.Source, [disk.Logs[2], disk.Logs[0], disk.Logs[1]], new DeviceSettings());
        Assert.Equal(frozen, await device.GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task Logs_of_two_devices_are_told_apart()
    {
        await using var one = await Disk.CreateAsync(Size, [1 << 20]);
        await using var other = await Disk.CreateAsync(Size, [1 << 20]);
        await one.Device.DisposeAsync();
        await other.Device.DisposeAsync();
        await Errors.ExpectAsync(
            EngineError.LogOfAnotherDevice, "another device", () => SnapDevice.OpenAsync("snap0", one.Source, [one.Logs[0], other.Logs[0]], new DeviceSettings()));
        await Errors.ExpectAsync(
            EngineError.LogOfAnotherDevice, "not a SnapBackup log", () => SnapDevice.OpenAsync("snap0", one.Source, [new MemoryBlockDevice("blank", 1 << 20)], new DeviceSettings()));
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_at_all_is_refused_and_nothing_is_changed()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20, 1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 100_000, 1);
        await disk.Device.DisposeAsync();
        var before = disk.Logs[0].Content.ToArray();
        disk.Logs[1].Fault = (operation, _, _) => throw Errors.BadMedium($"log1 ({operation})");
        await Errors.ExpectAsync(
            EngineError.LogFailed, "log1: none of its superblocks", () => SnapDevice.OpenAsync("snap0", disk.Source, [.. disk.Logs], new DeviceSettings()));
        Assert.Equal(before, disk.Logs[0].Content);
    }

    [Fact]
    public async Task A_source_of_another_size_is_refused()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.DisposeAsync();
        await Errors.ExpectAsync(
            EngineError.SourceMismatch, "source", () => SnapDevice.OpenAsync("snap0", new MemoryBlockDevice("source", Size + 512), disk.Logs, new DeviceSettings()));
    }

    [Fact]
    public async Task A_log_that_keeps_something_does_not_become_that_of_another_device()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("precious");
        await disk.Device.DisposeAsync();
        await Errors.ExpectAsync(
            EngineError.LogHoldsSnapshots, "precious", () => SnapDevice.SetUpAsync("snap0", disk.Source, disk.Logs, new DeviceSettings()));
    }

    [Fact]
    public async Task A_torn_down_device_keeps_nothing_and_its_logs_can_serve_another()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        await disk.Device.EndSnapshotAsync("s", keepChanges: true);
        await disk.Device.TearDownAsync(force: true);
        await using var device = await SnapDevice.SetUpAsync("snap0", disk.Source, disk.Logs, new DeviceSettings());
        Assert.Empty(device.Snapshots);
        Assert.Empty(device.Bookmarks);
    }

    [Fact]
    public async Task A_volatile_snapshot_is_broken_after_a_restart_and_says_why()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20], new DeviceSettings { Durability = LogDurability.Volatile });
        await disk.Device.StartSnapshotAsync("s");
        await disk.Device.StartSnapshotAsync("b");
        await disk.Device.EndSnapshotAsync("b", keepChanges: true);
        var flushes = disk.Logs[0].Flushes;
        await disk.FillAsync(0, Size, 1);
        Assert.Equal(flushes, disk.Logs[0].Flushes);
        await disk.ReopenAsync();
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("s").State);
        Assert.Contains("volatile", disk.Device.GetSnapshot("s").BreakCause!.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(disk.Device.Bookmarks).ChangesLost);
    }

    [Fact]
    public async Task A_broken_snapshot_stays_broken_after_a_restart_and_says_why()
    {
        await using var disk = await Disk.CreateAsync(Size, [136 << 10]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal(SnapshotState.Broken, again.Device.GetSnapshot("s").State);
        Assert.Contains("full", again.Device.GetSnapshot("s").BreakCause!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_was_written_behind_our_back_is_noticed()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.Device.StartSnapshotAsync("b");
        await disk.Device.EndSnapshotAsync("b", keepChanges: true);
        await disk.Device.DisposeAsync();
        disk.Source.Content[77] ^= 1;
        await disk.ReopenAsync();
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("s").State);
        Assert.Contains("while it was not attached", disk.Device.GetSnapshot("s").BreakCause!.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(disk.Device.Bookmarks).ChangesLost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_source_of_the_same_size_is_refused_as_long_as_it_would_cost_snapshots(bool afterCrash)
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "right", "wrong" })
            await File.WriteAllBytesAsync(folder[name], new byte[Size]);
        var options = new SnapDeviceOptions { Name = "snap0", Source = folder["right"], Logs = [new LogOptions { Path = folder["log"], Size = 1 << 20 }] };
        await using (var device = await SnapDevice.SetUpAsync(options))
        {
            await device.StartSnapshotAsync("s");
            await device.StartSnapshotAsync("b");
            await device.EndSnapshotAsync("b", keepChanges: true);
            File.Copy(folder["log"], folder["crashed"]);
        }

        if (afterCrash)
            File.Move(folder["crashed"], folder["log"], overwrite: true);
        var before = await File.ReadAllBytesAsync(folder["log"]);
        await Errors.ExpectAsync(EngineError.SourceMismatch, "wrong", () => SnapDevice.OpenAsync(options with { Source = folder["wrong"] }));
        Assert.Equal(before, await File.ReadAllBytesAsync(folder["log"]));

        await using (var device = await SnapDevice.OpenAsync(options))
        {
            Assert.Equal(SnapshotState.Active, device.GetSnapshot("s").State);
            await device.EndSnapshotAsync("s");
        }

        await using (var device = await SnapDevice.OpenAsync(options with { Source = folder["wrong"] }))
            Assert.True(Assert.Single(device.Bookmarks).ChangesLost);
    }

    [Fact]
    public async Task A_block_that_rots_in_the_last_commit_group_is_not_taken_for_torn()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4096, 1);
        disk.Logs[0].Content[LogLayout.SegmentsOffset + SegmentHeader.Room + 4096 + 17] ^= 1;
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal(SnapshotState.Broken, again.Device.GetSnapshot("s").State);
    }

    [Fact]
    public async Task A_commit_group_that_is_gone_after_a_clean_end_is_noticed()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4096, 1);
        await disk.Device.DisposeAsync();
        disk.Logs[0].Content.AsSpan((int)LogLayout.SegmentsOffset + SegmentHeader.Room, 512).Clear();
        await disk.ReopenAsync();
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("s").State);
    }

    [Fact]
    public async Task A_log_that_stands_as_it_did_some_time_ago_is_not_believed()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20, 1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        var old = disk.Logs[1].Content.ToArray();
        await disk.Device.StartSnapshotAsync("a");
        await disk.Device.StartSnapshotAsync("b");
        old.CopyTo(disk.Logs[1].Content, 0);
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.All(again.Device.Snapshots, snapshot => Assert.Equal(SnapshotState.Broken, snapshot.State));
    }

    [Fact]
    public async Task A_lost_segment_breaks_the_snapshots_that_need_it_and_no_other()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 40_000, 1);
        await disk.Device.StartSnapshotAsync("new");
        var frozen = disk.Source.Content.ToArray();
        await disk.FillAsync(0, 200_000, 2);
        disk.Logs[0].Content.AsSpan((int)LogLayout.SegmentsOffset, 512).Clear();
        await disk.ReopenAsync();
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("old").State);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("new").ReadAllAsync());
    }

    [Fact]
    public async Task A_lost_commit_group_in_the_middle_breaks_the_snapshot()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4096, 1);
        await disk.FillAsync(8192, 4096, 1);
        disk.Logs[0].Content[LogLayout.SegmentsOffset + SegmentHeader.Room + 8] ^= 1;
        await disk.ReopenAsync();
        Assert.Equal(SnapshotState.Broken, disk.Device.GetSnapshot("s").State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_catalog_slot_that_rots_costs_nothing(int slot)
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("a");
        await disk.Device.StartSnapshotAsync("b");
        disk.Logs[0].Content[LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize) + 40] ^= 1;
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal(["a", "b"], again.Device.Snapshots.Select(snapshot => snapshot.Name));
    }

    [Fact]
    public async Task A_catalog_write_that_is_torn_leaves_the_one_before()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("kept");
        var before = disk.Logs[0].Content.ToArray();
        byte[]? torn = null;
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "flush")
                torn ??= disk.Logs[0].Content.ToArray();
        };
        await disk.Device.StartSnapshotAsync("torn");
        disk.Logs[0].Fault = null;
        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
        {
            var at = (int)LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            if (!torn.AsSpan(at, 512).SequenceEqual(before.AsSpan(at, 512)))
                torn.AsSpan(at + 512, 512).Fill(0xAA);
        }

        var log = new MemoryBlockDevice("log0", torn!);
        await using var device = await SnapDevice.OpenAsync("snap0", new MemoryBlockDevice("source", disk.Source.Content), [log], new DeviceSettings());
        Assert.Equal(["kept"], device.Snapshots.Select(snapshot => snapshot.Name));
    }
}
