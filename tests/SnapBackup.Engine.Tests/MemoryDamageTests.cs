using SnapBackup.Engine.Checking;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Opening;
using SnapBackup.Engine.Origin;
using SnapBackup.Engine.Snapshots;

namespace SnapBackup.Engine.Tests;

/// <summary>What memory says and the logs do not is found: whoever breaks the engine's bookkeeping hears of it.</summary>
public sealed class MemoryDamageTests
{
    private const int Size = 1 << 20;

    [Fact]
    public async Task A_sound_device_is_clean()
    {
        var core = await CreateAsync();
        Assert.Empty(await CheckAsync(core));
    }

    [Fact]
    public async Task A_segment_released_too_early_is_found()
    {
        var core = await CreateAsync();
        var released = Versions(core)[1];
        core.Logs.Release(segment => segment == released);
        var findings = await CheckAsync(core);
        Assert.Equal((int)released.LiveRecords, findings.Count);
        Assert.All(findings, finding => Assert.Equal((CheckFindingKind.Index, "s"), (finding.Kind, Assert.Single(finding.Snapshots))));
    }

    [Fact]
    public async Task A_segment_released_twice_is_found()
    {
        var core = await CreateAsync();
        var log = core.Logs.Logs[0];
        var taken = log.TakeSegment(core.Logs.Shape.SetId, SegmentClass.Versions, 2, core.Logs.NextSequence);
        log.Release(taken);
        Assert.Empty(await CheckAsync(core));
        log.Release(taken);
        Assert.Contains("is free twice", Single(CheckFindingKind.SegmentTable, await CheckAsync(core), 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_taken_and_forgotten_is_found()
    {
        var core = await CreateAsync();
        var log = core.Logs.Logs[0];
        log.TakeSegment(core.Logs.Shape.SetId, SegmentClass.Versions, 2, core.Logs.NextSequence - 1);
        Assert.Contains("which is another's", Single(CheckFindingKind.SegmentTable, await CheckAsync(core), 3), StringComparison.Ordinal);
        Assert.Contains("was not closed and is not filled any more", (await CheckAsync(core))[1].Message, StringComparison.Ordinal);
        Assert.Contains("are counted", (await CheckAsync(core))[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_wrong_count_of_what_is_needed_of_a_segment_is_found(int by)
    {
        var core = await CreateAsync();
        var segment = Versions(core)[1];
        segment.LiveRecords += by;
        var finding = Assert.Single(await CheckAsync(core));
        Assert.Equal((CheckFindingKind.Index, segment.Offset), (finding.Kind, finding.Offset));
    }

    [Fact]
    public async Task A_version_looked_for_at_another_place_is_found()
    {
        var core = await CreateAsync();
        var (block, version) = core.History.Current.Index.Entries.First(entry => entry.Value.Kind == PreservedKind.Data);
        core.History.Current.Index.Move(block, version with { Offset = Versions(core)[0].Offset + SegmentHeader.Room });
        var finding = Assert.Single(await CheckAsync(core));
        Assert.Equal(CheckFindingKind.Index, finding.Kind);
        Assert.Contains($"block {block} of epoch 2", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_nowhere_is_found()
    {
        var core = await CreateAsync();
        core.History.Current.Index.Add(200, new PreservedVersion(PreservedKind.Data, 5, LogLayout.SegmentsOffset, 1));
        core.History.Current.Index.Add(201, new PreservedVersion(PreservedKind.Data, 0, 0, 1));
        core.History.Current.Index.Add(202, new PreservedVersion(PreservedKind.Zero, 0, LogLayout.SegmentsOffset + (1 << 20), 0));
        var findings = await CheckAsync(core);
        Assert.Equal([200, 201, 202], findings.Select(finding => int.Parse(finding.Message.Split("block ")[1].Split(' ')[0])).Order());
        Assert.All(findings, finding => Assert.Equal((CheckFindingKind.Index, "s"), (finding.Kind, Assert.Single(finding.Snapshots))));
    }

    [Fact]
    public async Task A_version_in_a_segment_that_does_not_have_it_is_found()
    {
        var core = await CreateAsync();
        var segment = Versions(core)[0];
        core.History.Current.Index.Add(200, new PreservedVersion(PreservedKind.Zero, 0, segment.Offset, 0));
        var finding = Assert.Single(await CheckAsync(core));
        Assert.Equal((CheckFindingKind.Index, segment.Offset), (finding.Kind, finding.Offset));
    }

    [Fact]
    public async Task A_recorded_change_that_memory_does_not_have_is_found()
    {
        var core = await CreateAsync();
        var group = new CommitGroup(4096, 1);
        group.AddChange(16 * 15);
        await core.Logs.MakeRoomAsync(SegmentClass.Changes, 2, 1, 0);
        await core.Logs.AppendAsync(SegmentClass.Changes, group);
        Assert.Contains("block 240", Single(CheckFindingKind.ChangeMap, await CheckAsync(core), 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_page_with_changes_that_memory_does_not_have_is_found()
    {
        var core = await CreateAsync();
        var group = new CommitGroup(4096, 1);
        var bits = new byte[4096];
        bits[1] = 0x80; // region 15
        group.AddPage(0, bits);
        await core.Logs.MakeRoomAsync(SegmentClass.Changes, 2, 0, 1);
        await core.Logs.AppendAsync(SegmentClass.Changes, group);
        Assert.Contains("page 0", Single(CheckFindingKind.ChangeMap, await CheckAsync(core), 1), StringComparison.Ordinal);
    }

    private static string Single(CheckFindingKind kind, List<CheckFinding> findings, int count)
    {
        Assert.Equal(count, findings.Count);
        Assert.Equal(kind, findings[0].Kind);
        return findings[0].Message;
    }

    private static List<Segment> Versions(DeviceCore core) => [.. core.Logs.Logs[0].Segments.Where(segment => segment.Class == SegmentClass.Versions)];

    private static async Task<List<CheckFinding>> CheckAsync(DeviceCore core)
    {
        var report = await new DeviceCheck(core).RunAsync(progress: null, CancellationToken.None);
        return [.. report.Findings];
    }

    /// <summary>A device with one snapshot, whose first half was overwritten: three closed segments and more.</summary>
    private static async Task<DeviceCore> CreateAsync()
    {
        var content = new byte[Size];
        new Random(1).NextBytes(content);
        var core = await DeviceSetUp.SetUpAsync(
            "snap0", new MemoryBlockDevice("source", content), [new LogDevice(new MemoryBlockDevice("log0", 1 << 20))], new DeviceSettings(), CancellationToken.None);
        await new SnapshotLifeCycle(core).StartAsync("s", CancellationToken.None);
        await using var origin = new OriginDevice(core);
        for (var i = 0; i < 24; i++)
            await origin.WriteAsync(i * 8192, new byte[8192]);
        return core;
    }
}
