using CsCheck;

namespace SnapBackup.Engine.Tests;

/// <summary>Many snapshots of one source, taken and ended in any order: each exact, one copy a block and epoch, space comes back.</summary>
public sealed class ManySnapshotsTests
{
    private const int Size = (40 * 4096) + 700;

    [Fact]
    public async Task A_block_is_copied_once_however_many_snapshots_there_are()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        for (var i = 0; i < 20; i++)
            await disk.Device.StartSnapshotAsync($"s{i}");
        await disk.FillAsync(0, 8192, 1);
        await disk.FillAsync(0, 8192, 2);
        Assert.Equal(2, disk.Device.GetStatistics().BlocksPreserved);
    }

    [Fact]
    public async Task A_preserved_block_counts_once_for_a_snapshot_however_many_newer_ones_have_a_version_of_it()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var oldest = await disk.Device.StartSnapshotAsync("oldest");
        await disk.FillAsync(0, 4 * 4096, 1);
        var middle = await disk.Device.StartSnapshotAsync("middle");
        await disk.FillAsync(2 * 4096, 4 * 4096, 2); // blocks 2 to 5, of which 2 and 3 are in the older epoch too
        var newest = await disk.Device.StartSnapshotAsync("newest");
        await disk.FillAsync(Size - 1, 1, 3);
        await disk.FillAsync(3 * 4096, 4096, 3);
        Assert.Equal([7, 5, 2], new[] { oldest, middle, newest }.Select(snapshot => snapshot.PreservedBlocks));
        await disk.Device.EndSnapshotAsync("middle");
        Assert.Equal([7, 2], new[] { oldest, newest }.Select(snapshot => snapshot.PreservedBlocks));
    }

    [Fact]
    public async Task A_block_is_not_copied_again_for_a_snapshot_that_has_ended()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 8192, 1);
        await disk.Device.StartSnapshotAsync("new");
        await disk.Device.EndSnapshotAsync("new");
        await disk.FillAsync(0, 8192, 2);
        Assert.Equal(2, disk.Device.GetStatistics().BlocksPreserved);
    }

    [Fact]
    public async Task Ending_the_oldest_gives_back_what_only_it_needed()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, Size, 1);
        var onlyOld = disk.Device.GetStatistics().LogUsed;
        await disk.Device.StartSnapshotAsync("new");
        await disk.FillAsync(0, Size, 2);
        var both = disk.Device.GetStatistics().LogUsed;
        await disk.Device.EndSnapshotAsync("old");
        Assert.Equal(both - onlyOld, disk.Device.GetStatistics().LogUsed);
        await disk.Device.EndSnapshotAsync("new");
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
    }

    [Fact]
    public async Task Ending_one_in_the_middle_gives_back_what_the_older_one_has_already()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, Size, 1);
        var onlyOld = disk.Device.GetStatistics().LogUsed;
        await disk.Device.StartSnapshotAsync("middle");
        await disk.FillAsync(0, Size, 2);
        await disk.Device.StartSnapshotAsync("new");
        await disk.Device.EndSnapshotAsync("middle");
        // What changed since the old one is still to be known: that takes a segment of its own.
        Assert.InRange(disk.Device.GetStatistics().LogUsed, onlyOld, onlyOld + (64 << 10));
        Assert.Equal(frozen, await disk.Device.GetSnapshot("old").ReadAllAsync());
    }

    [Fact]
    public Task Snapshots_taken_ended_and_reopened_in_any_order_stay_exact() =>
        Gen.Select(Gen.Int[0, 9], DiskWrite.Within(0, Size)).List[1, 60].SampleAsync(async steps =>
        {
            await using var disk = await Disk.CreateAsync(Size, [2 << 20, 2 << 20], new DeviceSettings { ChangeGranularity = 8192 });
            var model = disk.Source.Content.ToArray();
            var frozen = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            var number = 0;
            foreach (var (choice, write) in steps)
            {
                switch (choice)
                {
                    case < 5:
                        await write.ApplyAsync(disk.Origin, model);
                        break;
                    case < 7:
                        await disk.Device.StartSnapshotAsync($"s{number}");
                        frozen.Add($"s{number++}", model.ToArray());
                        break;
                    case < 9:
                        if (frozen.Count == 0)
                            break;
                        var name = frozen.Keys.ElementAt(write.Offset % frozen.Count);
                        await disk.Device.EndSnapshotAsync(name, keepChanges: write.Length % 2 == 0);
                        frozen.Remove(name);
                        break;
                    default:
                        await disk.ReopenAsync();
                        break;
                }

                foreach (var (name, content) in frozen)
                    Assert.True((await disk.Device.GetSnapshot(name).ReadAllAsync()).AsSpan().SequenceEqual(content), $"{name} is not exact");
            }

            foreach (var name in frozen.Keys)
                await disk.Device.EndSnapshotAsync(name);
            foreach (var bookmark in disk.Device.Bookmarks)
                await disk.Device.ForgetBookmarkAsync(bookmark.Name);
            Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        }, iter: 60);
}
