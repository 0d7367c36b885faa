using CsCheck;

namespace SnapBackup.Engine.Tests.Rollback;

/// <summary>The source returns to a snapshot, and nothing else changes.</summary>
public sealed class RollbackTests
{
    private const int Size = (70 * 4096) + 1000; // the last block is not whole

    [Fact]
    public async Task The_source_holds_again_what_it_held_when_the_snapshot_started()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(3000, 100_000, 1);
        await disk.FillAsync(Size - 10, 10, 2);
        var report = await RollBackAsync(disk, "s");
        Assert.Equal(frozen, disk.Source.Content);
        Assert.Equal((26 * 4096) + 1000, report.BytesWritten);
        Assert.Empty(report.NotRestored);
    }

    [Fact]
    public async Task Only_what_was_overwritten_is_written_back()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(5000, 10, 1);
        await disk.FillAsync(40_960, 8192, 1);
        var written = new List<(string, long, long)>();
        disk.Source.Fault = (operation, offset, length) =>
        {
            if (operation is "write" or "zero")
                written.Add((operation, offset, length));
        };
        await RollBackAsync(disk, "s");
        Assert.Equal([("write", 4096L, 4096L), ("write", 40_960L, 8192L)], written);
    }

    [Fact]
    public async Task Zeros_are_written_back_as_zeros_and_not_as_data()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(Size / 4, Size / 4, 1);
        var zeroed = 0L;
        disk.Source.Fault = (operation, _, length) => zeroed += operation == "zero" ? length : 0;
        await RollBackAsync(disk, "s");
        Assert.InRange(zeroed, (Size / 4) - 8192, Size / 4);
        Assert.False(disk.Source.Content.AsSpan(Size / 4, Size / 4).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Older_and_newer_snapshots_and_itself_stay_exact()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in new[] { ("older", 1), ("target", 2), ("newer", 3), ("newest", 4) })
        {
            frozen.Add(name, disk.Source.Content.ToArray());
            await disk.Device.StartSnapshotAsync(name);
            await disk.FillAsync(value * 10_000, 50_000, (byte)value);
        }

        await RollBackAsync(disk, "target");
        Assert.Equal(frozen["target"], disk.Source.Content);
        foreach (var (name, content) in frozen)
            Assert.Equal(content, await disk.Device.GetSnapshot(name).ReadAllAsync());
        await disk.ReopenAsync();
        foreach (var (name, content) in frozen)
            Assert.Equal(content, await disk.Device.GetSnapshot(name).ReadAllAsync());
    }

    [Fact]
    public async Task After_a_rollback_to_an_old_snapshot_a_newer_one_can_be_rolled_forward_to()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var before = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("before");
        await disk.FillAsync(0, Size, 1);
        var after = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("after");
        await RollBackAsync(disk, "before");
        Assert.Equal(before, disk.Source.Content);
        await RollBackAsync(disk, "after");
        Assert.Equal(after, disk.Source.Content);
        await RollBackAsync(disk, "before");
        Assert.Equal(before, disk.Source.Content);
    }

    [Fact]
    public async Task What_is_written_back_is_in_the_change_map()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20], new DeviceSettings { ChangeGranularity = 4096 });
        await disk.Device.StartSnapshotAsync("full");
        await disk.Device.EndSnapshotAsync("full", keepChanges: true);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(8192, 4096, 1);
        await disk.Device.StartSnapshotAsync("later");
        await disk.Device.EndSnapshotAsync("later", keepChanges: true);
        Assert.Empty(await disk.Device.CompareAsync("later"));
        await RollBackAsync(disk, "s");
        Assert.Equal([new ChangedRange(8192, 4096)], await disk.Device.CompareAsync("later"));
        Assert.Equal([new ChangedRange(8192, 4096)], await disk.Device.CompareAsync("full"));
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal([new ChangedRange(8192, 4096)], await again.Device.CompareAsync("later"));
    }

    [Fact]
    public async Task A_rollback_right_after_the_start_writes_nothing()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        Assert.Equal(0, (await RollBackAsync(disk, "s")).BytesWritten);
        Assert.Null(disk.Device.IncompleteRollback);
    }

    [Fact]
    public async Task Progress_tells_the_bytes_written_so_far_and_a_watcher_that_fails_holds_nothing_up()
    {
        await using var disk = await Disk.CreateAsync(40 << 20, [64 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40 << 20, 1);
        var told = new List<long>();
        var report = await disk.Device.RollBackAsync("s", force: true, new Watcher(bytes =>
        {
            told.Add(bytes);
            throw new InvalidOperationException("the watcher's own fault");
        }));
        Assert.Equal(frozen, disk.Source.Content);
        Assert.Equal(40 << 20, report.BytesWritten);
        Assert.Equal(report.BytesWritten, told[^1]);
        Assert.True(told.Count > 2);
        Assert.Equal(told.Order(), told);
    }

    [Theory]
    [InlineData(LogDurability.Strict)]
    [InlineData(LogDurability.Volatile)]
    public async Task The_catalog_names_the_target_durably_while_the_source_is_written(LogDurability durability)
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20], new DeviceSettings { Durability = durability });
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4096, 1);
        var order = new List<string>();
        disk.Source.Fault = (operation, _, _) => order.Add($"source {operation}");
        disk.Logs[0].Fault = (operation, _, _) => order.Add($"log {operation}");
        await RollBackAsync(disk, "s");
        Assert.Equal(
            ["log read", "log write", "log flush", "log write", "log read", "source write", "source flush", "log write", "log flush", "log write"],
            order);
    }

    [Fact]
    public Task Whatever_was_written_started_ended_and_reopened_before_a_rollback_is_exact() =>
        Gen.Select(Gen.Int[0, 11], DiskWrite.Within(0, Size)).List[1, 50].SampleAsync(async steps =>
        {
            await using var disk = await Disk.CreateAsync(Size, [3 << 20, 3 << 20], new DeviceSettings { ChangeGranularity = 8192 });
            var model = disk.Source.Content.ToArray();
            var frozen = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            var number = 0;
            foreach (var (choice, write) in steps)
            {
                var name = frozen.Count == 0 ? "" : frozen.Keys.ElementAt(write.Offset % frozen.Count);
                switch (choice)
                {
                    case < 5:
                        await write.ApplyAsync(disk.Origin, model);
                        break;
                    case < 7:
                        await disk.Device.StartSnapshotAsync($"s{number}");
                        frozen.Add($"s{number++}", model.ToArray());
                        break;
                    case 7 when frozen.Count > 0:
                        await disk.Device.EndSnapshotAsync(name, keepChanges: write.Length % 2 == 0);
                        frozen.Remove(name);
                        break;
                    case 8 or 9 when frozen.Count > 0:
                        await RollBackAsync(disk, name);
                        model = frozen[name].ToArray();
                        break;
                    case 10:
                        await disk.ReopenAsync();
                        break;
                }

                Assert.True(disk.Source.Content.AsSpan().SequenceEqual(model), "the source is not what was written or rolled back to");
                foreach (var (kept, content) in frozen)
                    Assert.True((await disk.Device.GetSnapshot(kept).ReadAllAsync()).AsSpan().SequenceEqual(content), $"{kept} is not exact");
            }

            foreach (var kept in frozen.Keys)
                await disk.Device.EndSnapshotAsync(kept);
            foreach (var bookmark in disk.Device.Bookmarks)
                await disk.Device.ForgetBookmarkAsync(bookmark.Name);
            Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        }, iter: 80);

    private static Task<RollbackReport> RollBackAsync(Disk disk, string name) => disk.Device.RollBackAsync(name, force: true);

    private sealed class Watcher(Action<long> told) : IProgress<long>
    {
        public void Report(long value) => told(value);
    }
}
