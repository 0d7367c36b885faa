using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>
/// After a crash the last commit group may be torn, and is dropped then. One whose writers were let go was durable: if it is not whole it has rotted,
/// and what needs it is broken.
/// </summary>
public sealed class RottenGroupTests
{
    private const int Size = 1 << 20;
    private const int Block = 4096;

    /// <param name="offset">Where two blocks are written, of which the second is a zero block from a quarter of the disk on.</param>
    /// <param name="changed">Which of the two changes; the other one is written with what it holds.</param>
    /// <param name="rotten">Which of the two rots on the log.</param>
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData((Size / 4) - Block, 1, 0)]
    public async Task A_group_is_not_taken_for_torn_when_the_source_has_changed_since(int offset, int changed, int rotten)
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(30)]);
        var data = disk.Source.Content.AsSpan(offset, 2 * Block).ToArray();
        data.AsSpan(changed * Block, Block).Fill(7);
        await disk.Device.StartSnapshotAsync("s");
        await disk.Origin.WriteAsync(offset, data);
        disk.Logs[0].Content[Find(disk, (offset / Block) + rotten).Offset + 100] ^= 1;
        await ExpectBrokenAsync(disk);
    }

    [Fact]
    public async Task A_group_whose_segment_has_lost_its_header_is_not_taken_for_torn_when_the_source_has_changed_since()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(30)]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Block, 7);
        disk.Logs[0].Content[disk.Device.Core.Logs.Logs[0].SegmentAt(Find(disk, 0).Offset)!.Offset + 10] ^= 1;
        await ExpectBrokenAsync(disk);
    }

    [Fact]
    public async Task A_segment_that_an_opening_closed_is_missed_when_its_last_group_rots_although_another_was_begun_before_it_was_filled()
    {
        await using var disk = await Disk.CreateAsync(Size, [Disk.LogOf(30)]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Block, 7);
        var logs = disk.Device.Core.Logs;
        var open = logs.OpenSegment(SegmentClass.Versions)!;
        await TakeAnotherAsync(disk, open.Epoch); // as compaction does: it names how far the open one is filled now
        await disk.FillAsync(2 * Block, Block, 7);
        Assert.Same(open, logs.OpenSegment(SegmentClass.Versions));
        var group = Find(disk, 2).Offset - Block;
        await disk.Device.StartSnapshotAsync("later");
        await disk.ReopenAsync();
        await disk.Device.DisposeAsync();
        disk.Logs[0].Content[group + 20] ^= 1;
        await ExpectNotWrongAsync(disk);
    }

    private static async Task TakeAnotherAsync(Disk disk, long epoch)
    {
        var logs = disk.Device.Core.Logs;
        var another = await logs.WhileUnchangedAsync(() => logs.TakeVersions(logs.Logs[0], epoch));
        var group = new Engine.Log.CommitGroup(Block, 1);
        group.AddCopy(new BlockRecord { Block = (Size / 4 / Block) + 1, Kind = RecordKind.Zero }, []); // which is zero there
        await logs.AppendAsync(another, group);
        await logs.CloseAsync(another);
    }

    private static Engine.Index.PreservedVersion Find(Disk disk, long block)
    {
        Assert.True(disk.Device.Core.History.TryGet(disk.Device.GetSnapshot("s").Epoch, block, out var version));
        return version;
    }

    private static async Task ExpectBrokenAsync(Disk disk)
    {
        await using var crashed = await disk.OpenAfterCrashAsync();
        Assert.Equal(SnapshotState.Broken, crashed.Device.GetSnapshot("s").State);
    }

    /// <summary>With a summary nothing is lost but the group's own header; without one the snapshot is broken.</summary>
    private static async Task ExpectNotWrongAsync(Disk disk)
    {
        await using var opened = await disk.OpenAfterCrashAsync();
        var snapshot = opened.Device.GetSnapshot("s");
        if (snapshot.State == SnapshotState.Active)
            Assert.True(opened.Device.Core.History.Contains(snapshot.Epoch, 2), "what was preserved of the block is forgotten");
    }
}
