using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>One flipped bit anywhere on a log is found, named, and nothing else is; and what a finding says of snapshots is what becomes of them.</summary>
public sealed class DamageTests
{
    private const int Size = 1 << 20;
    private const int SegmentSize = 64 << 10;

    [Fact]
    public async Task A_flipped_bit_in_any_structure_is_found_and_nothing_else()
    {
        await using var disk = await CreateAsync(2);
        var random = new Random(3);
        var seen = new HashSet<CheckFindingKind>();
        foreach (var log in disk.Logs)
        {
            foreach (var region in Regions(log))
            {
                foreach (var at in new[] { region.Start, region.End - 1, random.NextInt64(region.Start, region.End), random.NextInt64(region.Start, region.End) })
                {
                    var bit = (byte)(1 << random.Next(8));
                    log.Content[at] ^= bit;
                    var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
                    log.Content[at] ^= bit;
                    Assert.Equal((region.Kind, log.Name, region.Named), (finding.Kind, finding.Log, finding.Offset));
                    Assert.Contains(log.Name, finding.Message, StringComparison.Ordinal);
                    Assert.Equal(region.Segment?.Epoch, finding.Epoch);
                    seen.Add(finding.Kind);
                }
            }
        }

        Assert.Equal(
            [
                CheckFindingKind.Superblock, CheckFindingKind.Catalog, CheckFindingKind.SegmentHeader, CheckFindingKind.CommitGroup,
                CheckFindingKind.SegmentSummary, CheckFindingKind.PreservedBlock, CheckFindingKind.ChangePage,
            ],
            seen.Order());
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public async Task A_preserved_block_that_is_damaged_cannot_be_read_from_the_snapshots_that_are_named_and_from_those_alone()
    {
        await using var disk = await CreateAsync(1);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var region in Regions(disk.Logs[0]).Where(region => region.Kind == CheckFindingKind.PreservedBlock))
        {
            disk.Logs[0].Content[region.Start + 77] ^= 1;
            var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
            Assert.Equal(CheckSeverity.Error, finding.Severity);
            foreach (var snapshot in disk.Device.Snapshots)
            {
                var error = await Record.ExceptionAsync(snapshot.ReadAllAsync);
                Assert.Equal(finding.Snapshots.Contains(snapshot.Name), error is EngineException { Reason: EngineError.LogCorrupt });
            }

            Assert.All(disk.Device.Snapshots, snapshot => Assert.Equal(SnapshotState.Active, snapshot.State));
            disk.Logs[0].Content[region.Start + 77] ^= 1;
            named.Add(string.Join(' ', finding.Snapshots));
        }

        Assert.Equal(["old", "old new", "new"], named);
    }

    [Fact]
    public async Task Damage_of_structures_breaks_the_snapshots_that_are_named_at_the_next_opening_and_those_alone()
    {
        await using var disk = await CreateAsync(1);
        var regions = Regions(disk.Logs[0])
            .Where(region => region.Segment is not null && region.Kind is not CheckFindingKind.PreservedBlock).ToList();
        foreach (var region in regions)
        {
            disk.Logs[0].Content[region.Start + 12] ^= 1;
            var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
            await using (var again = await disk.OpenAfterCrashAsync())
            {
                var broken = again.Device.Snapshots.Where(snapshot => snapshot.State == SnapshotState.Broken).Select(snapshot => snapshot.Name);
                if (region.Kind == CheckFindingKind.SegmentHeader && region.Segment!.Value.Class == SegmentClass.Changes)
                    Assert.Subset(finding.Snapshots.ToHashSet(), broken.ToHashSet()); // what the lost one was for may not be known then
                else
                    Assert.Equal(finding.Snapshots, broken);
                Assert.Equal(finding.Severity == CheckSeverity.Error, Assert.Single(again.Device.Bookmarks).ChangesLost);
            }

            disk.Logs[0].Content[region.Start + 12] ^= 1;
        }

        Assert.Contains(regions, region => region is { Kind: CheckFindingKind.CommitGroup, IsSummarised: true });
        Assert.Contains(regions, region => region is { Kind: CheckFindingKind.CommitGroup, IsSummarised: false });
    }

    [Fact]
    public async Task Of_two_catalogs_or_superblocks_on_a_log_one_is_enough()
    {
        await using var disk = await CreateAsync(2);
        foreach (var kind in new[] { CheckFindingKind.Catalog, CheckFindingKind.Superblock })
        {
            var slots = Regions(disk.Logs[1]).Where(region => region.Kind == kind).ToList();
            Assert.Equal(2, slots.Count);
            disk.Logs[1].Content[slots[0].Start + 20] ^= 1;
            var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
            Assert.Equal((CheckSeverity.Warning, 0), (finding.Severity, finding.Snapshots.Count));
            await using (var again = await disk.OpenAfterCrashAsync())
                Assert.All(again.Device.Snapshots, snapshot => Assert.Equal(SnapshotState.Active, snapshot.State));
            disk.Logs[1].Content[slots[1].Start + 20] ^= 1;
            var findings = (await disk.Device.CheckAsync()).Findings;
            Assert.Equal([(kind, slots[0].Named), (kind, slots[1].Named)], findings.Select(found => (found.Kind, found.Offset!.Value)));
            Assert.All(findings, found => Assert.Equal(["old", "new", "last"], found.Snapshots));
            Assert.All(findings, found => Assert.Equal(CheckSeverity.Error, found.Severity));
            foreach (var slot in slots)
                disk.Logs[1].Content[slot.Start + 20] ^= 1;
        }
    }

    [Fact]
    public async Task A_catalog_of_another_time_is_found()
    {
        await using var disk = await CreateAsync(1);
        var before = disk.Logs[0].Content[..(int)LogLayout.SegmentsOffset];
        await disk.Device.StartSnapshotAsync("later");
        var after = disk.Logs[0].Content[..(int)LogLayout.SegmentsOffset];
        before.CopyTo(disk.Logs[0].Content, 0);
        Assert.Equal([CheckFindingKind.Catalog, CheckFindingKind.Catalog], (await disk.Device.CheckAsync()).Findings.Select(finding => finding.Kind));
        after.CopyTo(disk.Logs[0].Content, 0);
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public async Task A_group_and_the_summary_that_would_stand_in_for_it_are_an_error_together()
    {
        await using var disk = await CreateAsync(1);
        var regions = Regions(disk.Logs[0]);
        var summary = regions.First(region => region.Kind == CheckFindingKind.SegmentSummary);
        var group = regions.First(region => region.Kind == CheckFindingKind.CommitGroup && region.End <= summary.Start && region.Start > summary.End - SegmentSize);
        disk.Logs[0].Content[summary.Start] ^= 1;
        disk.Logs[0].Content[group.Start + 50] ^= 1;
        var findings = (await disk.Device.CheckAsync()).Findings;
        Assert.Equal([CheckFindingKind.CommitGroup, CheckFindingKind.SegmentSummary], findings.Select(finding => finding.Kind));
        Assert.All(findings, finding => Assert.Equal((CheckSeverity.Error, "old"), (finding.Severity, Assert.Single(finding.Snapshots))));
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal(SnapshotState.Broken, again.Device.GetSnapshot("old").State);
    }

    [Fact]
    public async Task A_lost_segment_that_another_names_is_found_though_it_is_free()
    {
        await using var disk = await Disk.CreateAsync(Size, [2 << 20]);
        await disk.Device.StartSnapshotAsync("old");
        await disk.FillAsync(0, 40_960, 1);
        await disk.Device.StartSnapshotAsync("middle");
        await disk.FillAsync(0, 40_960, 2);
        await disk.Device.StartSnapshotAsync("new");
        await disk.FillAsync(0, 40_960, 3);
        await disk.Device.EndSnapshotAsync("middle"); // the old one has all of it: the segment is free, and that of the new one names it
        Assert.True((await disk.Device.CheckAsync()).IsClean);
        var free = LogRegion.Find(disk.Logs[0].Content, SegmentSize).Single(region => region is { Kind: CheckFindingKind.SegmentHeader, Segment.Epoch: 3 });
        disk.Logs[0].Content[free.Start] ^= 1;
        var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
        Assert.Equal((CheckFindingKind.SegmentLink, free.Start, 3L), (finding.Kind, finding.Offset, finding.Epoch));
        await using var again = await disk.OpenAfterCrashAsync();
        Assert.Equal(finding.Snapshots, again.Device.Snapshots.Where(snapshot => snapshot.State == SnapshotState.Broken).Select(snapshot => snapshot.Name));
    }

    [Fact]
    public async Task A_page_that_cannot_be_read_is_found_where_it_is()
    {
        await using var disk = await CreateAsync(1);
        var region = Regions(disk.Logs[0]).First(region => region.Kind == CheckFindingKind.PreservedBlock);
        disk.Logs[0].Fault = (operation, offset, length) =>
        {
            if (operation == "read" && offset < region.End && offset + length > region.Start)
                throw Errors.BadMedium("log0");
        };
        var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
        Assert.Equal((CheckFindingKind.PreservedBlock, region.Start), (finding.Kind, finding.Offset));
        Assert.Contains("the medium failed", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_cannot_be_read_harms_all_whether_its_segment_is_in_use_or_free()
    {
        await using var disk = await CreateAsync(1);
        var headers = LogRegion.Find(disk.Logs[0].Content, SegmentSize).Where(region => region.Kind == CheckFindingKind.SegmentHeader).ToList();
        foreach (var header in headers)
        {
            disk.Logs[0].Fault = (operation, offset, length) => FailRead(operation, offset, length, header);
            var finding = Assert.Single((await disk.Device.CheckAsync()).Findings);
            Assert.Equal((header.Start, CheckSeverity.Error), (finding.Offset, finding.Severity));
            Assert.Equal(["old", "new", "last"], finding.Snapshots);
            disk.Logs[0].Fault = null;
            var log = new MemoryBlockDevice("log0", disk.Logs[0].Content.ToArray()) { Fault = (operation, offset, length) => FailRead(operation, offset, length, header) };
            await using var again = await SnapDevice.OpenAsync("snap0", new MemoryBlockDevice("source", disk.Source.Content.ToArray()), [log], new DeviceSettings());
            Assert.All(again.Snapshots, snapshot => Assert.Equal(SnapshotState.Broken, snapshot.State));
        }

        Assert.Contains(headers, header => header.Segment is { Class: SegmentClass.Versions, Epoch: 2 }); // a free one
        Assert.True((await disk.Device.CheckAsync()).IsClean);

        static void FailRead(string operation, long offset, long length, LogRegion region)
        {
            if (operation == "read" && offset < region.End && offset + length > region.Start)
                throw Errors.BadMedium("log0");
        }
    }

    [Fact]
    public async Task A_log_that_failed_is_told_and_what_it_holds_is_verified()
    {
        await using var disk = await CreateAsync(2);
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "flush")
                throw Errors.BadMedium("log0");
        };
        await disk.Device.StartSnapshotAsync("fourth");
        disk.Logs[0].Fault = null;
        var report = await disk.Device.CheckAsync();
        Assert.Equal((CheckFindingKind.LogFailure, "log0"), (Assert.Single(report.Findings).Kind, report.Findings[0].Log));
        var region = Regions(disk.Logs[0]).First(region => region.Kind == CheckFindingKind.PreservedBlock);
        disk.Logs[0].Content[region.Start] ^= 1;
        Assert.Equal([CheckFindingKind.PreservedBlock, CheckFindingKind.LogFailure], (await disk.Device.CheckAsync()).Findings.Select(finding => finding.Kind));
    }

    [Fact]
    public async Task A_wrecked_log_fills_no_memory_with_findings()
    {
        await using var disk = await Disk.CreateAsync(8 << 20, [16 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 8 << 20, 1);
        foreach (var region in LogRegion.Find(disk.Logs[0].Content, SegmentSize).Where(region => region.Kind == CheckFindingKind.PreservedBlock))
            disk.Logs[0].Content[region.Start] ^= 1;
        var report = await disk.Device.CheckAsync();
        Assert.True(report.FindingCount > 1000);
        Assert.Equal(1000, report.Findings.Count);
    }

    /// <summary>The structures on a log of <see cref="CreateAsync"/>, without those that were given back when the first snapshot ended.</summary>
    private static List<LogRegion> Regions(MemoryBlockDevice log) =>
        LogRegion.Find(log.Content, SegmentSize, header => header is { Class: SegmentClass.Versions, Epoch: 2 });

    /// <summary>A device with a bookmark before three snapshots, closed and open segments, and a stored page of the change map.</summary>
    private static async Task<Disk> CreateAsync(int logs)
    {
        var disk = await Disk.CreateAsync(Size, [.. Enumerable.Repeat(2 << 20, logs)], new DeviceSettings { Allocation = LogAllocation.Striped, ChangeGranularity = 4096 });
        await disk.Device.StartSnapshotAsync("before");
        await disk.FillAsync(0, 10_000, 1);
        await disk.Device.EndSnapshotAsync("before", keepChanges: true);
        await disk.Device.StartSnapshotAsync("old");
        for (var i = 0; i < 12; i++)
            await disk.FillAsync(i * 16_384, 16_384, 2);
        await disk.Device.StartSnapshotAsync("new");
        for (var i = 8; i < 16; i++)
            await disk.FillAsync(i * 16_384, 16_384, 3);
        await disk.Device.StartSnapshotAsync("last"); // now the catalog names what is durable of the open segments
        return disk;
    }
}
