using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Tests.Reclaiming;

/// <summary>Live versions of poorly used segments are moved together, so that space comes back; snapshots stay as they are.</summary>
public sealed class CompactionTests
{
    private const int Segment = 64 << 10;

    [Theory]
    [InlineData(LogDurability.Strict)]
    [InlineData(LogDurability.Volatile)]
    public async Task With_one_snapshot_kept_for_ever_the_logs_take_about_what_is_live(LogDurability durability)
    {
        await using var nights = await Nights.CreateAsync(settings: new DeviceSettings { Durability = durability });
        await nights.PassAsync();
        for (var night = 1; night < 200; night++)
        {
            await nights.PassAsync();
            await nights.EndAsync(night - 1);
            // Half of each segment but one of an epoch, the one that is filled, and a segment of changes for each of three epochs.
            Assert.InRange(nights.Device.GetStatistics().LogUsed, 0, (2 * nights.LiveBytes) + (6 * Segment));
        }

        Assert.Equal((200 * Nights.Cold) + (2 * Nights.Hot), nights.LiveBytes / 4096);
        Assert.True(nights.Device.GetStatistics().BytesCompacted > 0);
        await nights.ExpectSoundAsync();
    }

    [Fact]
    public async Task What_was_moved_is_found_again_after_a_reopening_and_the_space_is_as_free()
    {
        await using var nights = await FragmentedAsync();
        await nights.EndAsync(Enumerable.Range(0, 20));
        var used = nights.Device.GetStatistics().LogUsed;
        await nights.Disk.ReopenAsync();
        await nights.ExpectSoundAsync();
        Assert.InRange(nights.Device.GetStatistics().LogUsed, 0, used);
        await using var crashed = nights.Over(await nights.Disk.OpenAfterCrashAsync());
        await crashed.ExpectSoundAsync();
    }

    [Fact]
    public async Task What_was_left_poorly_used_is_moved_together_after_a_reopening()
    {
        await using var nights = await FragmentedAsync();
        await nights.WithoutRoomToCompactAsync(() => nights.EndAsync(Enumerable.Range(0, 20)));
        var used = nights.Device.GetStatistics().LogUsed;
        await nights.Disk.ReopenAsync();
        await nights.Device.Core.Compactor.Idle;
        Assert.InRange(nights.Device.GetStatistics().LogUsed, 0, used - (10 * Segment));
        await nights.ExpectSoundAsync();
    }

    [Theory]
    [InlineData(LogAllocation.Sequential)]
    [InlineData(LogAllocation.Striped)]
    [InlineData(LogAllocation.MostFree)]
    public async Task Versions_of_several_logs_of_different_sizes_are_moved_together(LogAllocation allocation)
    {
        await using var nights = await Nights.CreateAsync([Disk.LogOf(12), Disk.LogOf(20), 64 << 20], new DeviceSettings { Allocation = allocation });
        Assert.Equal(2, nights.Device.Core.Logs.Logs.Select(log => log.SegmentSize).Distinct().Count());
        await nights.PassAsync(20);
        var used = nights.Device.GetStatistics().LogUsed;
        await nights.EndAsync(Enumerable.Range(0, 19));
        Assert.InRange(nights.Device.GetStatistics().LogUsed, 0, used - (8 * Segment));
        await nights.ExpectSoundAsync();
        await nights.Disk.ReopenAsync();
        await nights.ExpectSoundAsync();
    }

    [Fact]
    public async Task Zeros_and_blocks_that_the_source_could_not_read_are_moved_too()
    {
        await using var nights = await Nights.CreateAsync();
        var frozen = nights.Frozen["first"];
        var unreadable = Nights.ColdOffset(3);
        var zero = Nights.Size / 4;
        for (var night = 0; night < 12; night++)
        {
            nights.Disk.Source.Fault = night == 3 ? FailAt(unreadable) : null;
            await nights.PassAsync();
            await nights.Disk.FillAsync(zero + (night * 4096), 4096, 1);
        }

        nights.Disk.Source.Fault = null;
        nights.Frozen.Clear();
        await nights.EndAsync(Enumerable.Range(0, 11));

        async Task ExpectAsync()
        {
            await using var open = nights.Device.GetSnapshot("first").Open();
            await Errors.ExpectAsync(EngineError.SourceUnreadable, $"offset {unreadable}", () => open.ReadAsync(unreadable, 4096));
            Assert.Equal(frozen[..unreadable], await open.ReadAsync(0, unreadable));
            Assert.Equal(frozen[(unreadable + 4096)..], await open.ReadAsync(unreadable + 4096, Nights.Size - unreadable - 4096));
            Assert.True((await nights.Device.CheckAsync()).IsClean);
        }

        var kinds = Live(nights).Where(version => version.Log == 0 && IsCopied(nights, version)).Select(version => version.Kind).Distinct().Order();
        Assert.Equal([PreservedKind.Data, PreservedKind.Zero, PreservedKind.Unreadable], kinds);
        await ExpectAsync();
        await nights.Disk.ReopenAsync();
        await ExpectAsync();
    }

    [Fact]
    public async Task What_has_rotted_stays_where_it_is_and_all_else_is_moved()
    {
        await using var nights = await FragmentedAsync();
        var block = Nights.ColdOffset(4) / 4096;
        var rotten = VersionOf(nights, 5, block);
        nights.Disk.Logs[0].Content[rotten.Offset + 9] ^= 1;
        var used = nights.Device.GetStatistics().LogUsed;
        await nights.EndAsync(Enumerable.Range(0, 20));

        Assert.Contains(rotten, Live(nights));
        Assert.InRange(nights.Device.GetStatistics().LogUsed, 0, used - (10 * Segment));
        var finding = Assert.Single((await nights.Device.CheckAsync()).Findings);
        Assert.Equal((CheckFindingKind.PreservedBlock, rotten.Offset), (finding.Kind, finding.Offset));
        await using var open = nights.Device.GetSnapshot("first").Open();
        await Errors.ExpectAsync(EngineError.LogCorrupt, "log0", () => open.ReadAsync(block * 4096, 4096));
        nights.Disk.Logs[0].Content[rotten.Offset + 9] ^= 1;
        await nights.ExpectSoundAsync();
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Several_segments_that_resist_are_tried_once_and_left_alone(int count)
    {
        await using var nights = await Nights.CreateAsync();
        await nights.PassAsync(count);
        var reads = 0;
        List<long> bad = [.. new[] { 1, 2, 3 }.Select(night => OffsetOf(nights, night))];
        nights.Disk.Logs[0].Fault = (operation, offset, length) =>
        {
            if (operation == "read" && bad.Exists(at => offset < at + 512 && offset + length > at))
            {
                Interlocked.Increment(ref reads);
                throw Errors.BadMedium("log0");
            }
        };
        for (var night = 0; night < count - 1; night++)
        {
            await nights.Device.EndSnapshotAsync($"night{night}");
            await nights.Device.Core.Compactor.Idle; // which never came
        }

        Assert.InRange(reads, 0, bad.Count);

        static long OffsetOf(Nights nights, int night)
        {
            var epoch = nights.Device.GetSnapshot($"night{night}").Epoch;
            Assert.True(nights.Device.Core.History.TryGet(epoch, Nights.ColdOffset(night) / 4096, out var version));
            return version.Offset;
        }
    }

    [Fact]
    public async Task What_cannot_be_read_stays_where_it_is_and_all_else_is_moved()
    {
        await using var nights = await FragmentedAsync();
        var bad = VersionOf(nights, 5, Nights.ColdOffset(4) / 4096).Offset;
        nights.Disk.Logs[0].Fault = (operation, offset, length) =>
        {
            if (operation == "read" && offset <= bad && offset + length > bad)
                throw Errors.BadMedium("log0");
        };
        await nights.EndAsync(Enumerable.Range(0, 20));
        nights.Disk.Logs[0].Fault = null;
        Assert.Contains(Live(nights), version => version.Offset == bad);
        await nights.ExpectSoundAsync();
    }

    [Fact]
    public async Task Without_a_segment_to_spare_nothing_is_moved_and_a_log_that_is_added_makes_it_possible()
    {
        await using var nights = await Nights.CreateAsync([Disk.LogOf(14)]);
        await nights.PassAsync(12);
        await nights.EndAsync(Enumerable.Range(0, 11));
        var before = nights.Device.GetStatistics();
        Assert.Equal(0, before.BytesCompacted);
        await nights.ExpectSoundAsync();

        await nights.Disk.AddLogAsync(Disk.LogOf(14));
        await nights.Device.Core.Compactor.Idle;
        var after = nights.Device.GetStatistics();
        Assert.True(after.BytesCompacted > 0 && after.LogUsed < before.LogUsed, $"{before.LogUsed} before, {after.LogUsed} after");
        await nights.ExpectSoundAsync();
    }

    [Fact]
    public async Task The_changes_between_points_are_told_as_before()
    {
        await using var nights = await Nights.CreateAsync();
        await nights.PassAsync(20);
        for (var night = 0; night < 19; night++)
            await nights.EndAsync(night, keepChanges: night % 5 == 2);
        Assert.True(nights.Device.GetStatistics().BytesCompacted > 0);
        await ExpectChangesAsync(nights);
        await nights.Disk.ReopenAsync();
        await ExpectChangesAsync(nights);
        await nights.ExpectSoundAsync();
        await using var crashed = nights.Over(await nights.Disk.OpenAfterCrashAsync());
        await ExpectChangesAsync(crashed);
    }

    [Fact]
    public async Task Forgetting_a_bookmark_makes_its_epoch_one_with_the_older_whose_versions_then_go_together()
    {
        await using var nights = await Nights.CreateAsync();
        await nights.PassAsync(16);
        await nights.WithoutRoomToCompactAsync(async () =>
        {
            for (var night = 0; night < 15; night++)
                await nights.EndAsync(night, keepChanges: true);
        });
        foreach (var bookmark in nights.Device.Bookmarks)
            await nights.Device.ForgetBookmarkAsync(bookmark.Name, TestContext.Current.CancellationToken);
        await nights.Device.Core.Compactor.Idle;
        Assert.True(nights.Device.GetStatistics().BytesCompacted > 0);
        await nights.ExpectSoundAsync();
    }

    [Fact]
    public async Task The_end_of_the_snapshot_that_needs_what_was_moved_gives_all_of_it_back()
    {
        await using var nights = await FragmentedAsync();
        await nights.EndAsync(Enumerable.Range(0, 20));
        await nights.Device.EndSnapshotAsync("first", cancellationToken: TestContext.Current.CancellationToken);
        await nights.Device.EndSnapshotAsync("night20", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, nights.Device.GetStatistics().LogUsed);
    }

    /// <summary>A disk of 21 nights, all of whose snapshots are kept.</summary>
    private static async Task<Nights> FragmentedAsync()
    {
        var nights = await Nights.CreateAsync();
        await nights.PassAsync(21);
        return nights;
    }

    private static Action<string, long, long> FailAt(long unreadable) => (operation, offset, length) =>
    {
        if (operation == "read" && offset < unreadable + 4096 && offset + length > unreadable)
            throw Errors.BadMedium("source");
    };

    private static IEnumerable<PreservedVersion> Live(Nights nights) =>
        nights.Device.Core.History.Epochs.SelectMany(epoch => epoch.Index.Entries).Select(entry => entry.Value);

    private static PreservedVersion VersionOf(Nights nights, int epoch, long block)
    {
        var found = nights.Device.Core.History.Epochs.Single(one => one.Number == epoch + 2).Index.TryGet(block, out var version);
        Assert.True(found);
        return version;
    }

    /// <summary>Whether a version stands in a segment whose first record is of the first snapshot's epoch although it is younger than others of it.</summary>
    private static bool IsCopied(Nights nights, PreservedVersion version)
    {
        var segment = nights.Device.Core.Logs.Logs[version.Log].SegmentAt(version.Offset)!;
        return segment.Epoch == nights.Device.GetSnapshot("first").Epoch && segment.Header.Sequence > 2;
    }

    private static async Task ExpectChangesAsync(Nights nights)
    {
        foreach (var bookmark in nights.Device.Bookmarks)
        {
            var night = int.Parse(bookmark.Name["night".Length..], System.Globalization.CultureInfo.InvariantCulture);
            var changes = await nights.Device.CompareAsync(bookmark.Name);
            Assert.Equal(
                [new ChangedRange(0, Nights.Hot * 4096), new ChangedRange(Nights.ColdOffset(night), (nights.Count - night) * Nights.Cold * 4096)],
                changes);
        }
    }
}
