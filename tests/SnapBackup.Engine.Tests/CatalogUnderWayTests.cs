using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Tests.Overflow;

namespace SnapBackup.Engine.Tests;

/// <summary>A power cut while a catalog is on its way to the logs, and writers write meanwhile: what the catalog before says is still true.</summary>
public sealed class CatalogUnderWayTests
{
    private const int Size = 256 << 10;

    /// <summary>What takes longer would never end; everything here is in memory.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_snapshot_that_is_being_ended_keeps_its_segments_until_a_catalog_says_so()
    {
        var settings = new DeviceSettings { Overflow = new OverflowOptions { Policy = OverflowPolicy.Hold, LargestDelay = TimeSpan.Zero } };
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(3)], settings);
        var notices = new Notices(disk.Device);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 100 << 10, 1);
        await disk.Device.StartSnapshotAsync("young");
        await disk.FillAsync(0, 40 << 10, 2);

        // While the catalog without the old one is not on the log, writers find no room but that of its segments.
        Task write = Task.CompletedTask;
        var left = new List<byte[]>();
        disk.Logs[0].Fault = (operation, offset, _) =>
        {
            if (operation != "write" || offset >= LogLayout.SegmentsOffset)
                return;
            disk.Logs[0].Fault = null;
            write = Task.Run(() => disk.FillAsync(100 << 10, 60 << 10, 3));
            Task.WaitAny(write, notices.UntilAsync(LogFillStage.Held));
            left.AddRange(disk.Source.Content.ToArray(), disk.Logs[0].Content.ToArray());
        };
        await disk.Device.EndSnapshotAsync("old");
        await write;

        await using var after = await disk.OpenAsync(left[0], [left[1]]);
        Assert.Equal(frozen, await after.Device.GetSnapshot("old").ReadAllAsync());
    }

    [Fact]
    public async Task Writers_that_find_no_room_do_not_wait_for_an_end_that_waits_for_them()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(3)]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 100 << 10, 1);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("young");

        var ending = Task.CompletedTask;
        disk.Logs[0].Fault = (operation, offset, _) =>
        {
            if (operation != "write" || offset < LogLayout.SegmentsOffset)
                return;
            disk.Logs[0].Fault = null;
            ending = disk.Device.EndSnapshotAsync("old"); // waits for the writer, who has room for this group and none for the next
        };
        await disk.FillAsync(100 << 10, 100 << 10, 2).WaitAsync(Patience);
        await ending;
        Assert.Equal(frozen, await disk.Device.GetSnapshot("young").ReadAllAsync());
        Assert.Null(disk.Device.FindSnapshot("old"));
    }

    [Fact]
    public async Task A_segment_that_was_taken_and_that_nothing_is_written_to_yet_is_not_missed()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(4)]);
        await disk.Device.StartSnapshotAsync("bookmark");
        await disk.Device.EndSnapshotAsync("bookmark", keepChanges: true);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");

        var forgetting = Task.CompletedTask;
        var left = new List<byte[]>();
        disk.Logs[0].Fault = (operation, offset, _) =>
        {
            if (operation != "write" || offset < LogLayout.SegmentsOffset)
                return;
            disk.Logs[0].Fault = null;
            forgetting = disk.Device.ForgetBookmarkAsync("bookmark"); // waits, when the catalog is stored, for the writer
            left.AddRange(disk.Source.Content.ToArray(), disk.Logs[0].Content.ToArray());
        };
        await disk.FillAsync(0, 4096, 1);
        await forgetting;

        await using var after = await disk.OpenAsync(left[0], [left[1]]);
        Assert.Empty(after.Device.Bookmarks);
        Assert.Equal(frozen, await after.Device.GetSnapshot("s").ReadAllAsync());
    }
}
