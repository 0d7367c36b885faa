using SnapBackup.Blocks;
using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Running;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.CrashTests.Tests;

/// <summary>The test of the tests: an engine with a bug is found out by the shortest sequences.</summary>
public sealed class MutationTests
{
    [Fact]
    public Task Dropping_the_flushes_of_the_logs_is_caught() =>
        IsCaughtAsync(new DroppedFlushes(disk => disk != Geometry.Source), "ought to be there");

    [Fact]
    public Task Dropping_the_flushes_of_the_source_is_caught() =>
        IsCaughtAsync(new DroppedFlushes(disk => disk == Geometry.Source), "no crash of a disk explains");

    [Fact]
    public Task Leaving_a_torn_group_where_it_is_is_caught_by_cutting_the_power_twice()
    {
        var noWipe = new DroppedWrites((offset, length, options) =>
            offset >= LogLayout.SegmentsOffset && length == LogLayout.Sector && options == WriteOptions.ForceUnitAccess);
        Step[] steps = [.. Sequences.Prologues[2].Steps, new RequestStep(0, DiskOperationKind.Write, 3584, 5120, 99)];
        return IsCaughtAsync(
            Enumerable.Range(0, 10).Select(seed => new Scenario(Sequences.Geometry, steps, seed)),
            scenario => new Explorer(scenario, noWipe, new Tally()) { RecoveriesASecondCut = 4, InstantsASecondCut = 2 },
            "does not have its checksum");
    }

    [Fact]
    public async Task Leaving_the_header_of_a_segment_that_is_given_back_is_caught()
    {
        // What the second snapshot alone needed is in the second of the log's three segments. It is given back when the third has taken the change map, and
        // taken for the last write. Nobody depends on summaries; where one could not be written, all depends on the header.
        var segmentSize = LogLayout.SegmentSize(Sequences.SmallGeometry.LogSizes[0], Sequences.SmallGeometry.BlockSize);
        var noSummary = new DroppedWrites((offset, length, _) => IsSummary(offset, length));
        var noFreeHeader = new DroppedWrites((offset, length, options) => IsSummary(offset, length)
            || (offset >= LogLayout.SegmentsOffset && length == LogLayout.Sector && options == WriteOptions.None));
        Step[] steps =
        [
            new ControlStep(0, ControlKind.Start, "s1"), new RequestStep(0, DiskOperationKind.Write, 0, 16_384, 1),
            new ControlStep(0, ControlKind.Start, "s2"), new RequestStep(0, DiskOperationKind.Write, 0, 16_384, 2),
            new ControlStep(0, ControlKind.Start, "s3"),
            new ControlStep(0, ControlKind.End, "s2"), new RequestStep(0, DiskOperationKind.Write, 32_768, 8192, 3),
        ];
        var scenario = new Scenario(Sequences.SmallGeometry, steps, 1);
        Assert.Null(await new Explorer(scenario, noSummary, new Tally()).RunAsync(Patterns.All(scenario.Seed), onlyLastStep: true));
        await IsCaughtAsync([scenario], _ => new Explorer(scenario, noFreeHeader, new Tally()), "a log lost what was stored on it");

        bool IsSummary(long offset, int length) =>
            length == LogLayout.Alignment && (offset - LogLayout.SegmentsOffset + length) % segmentSize == 0;
    }

    [Fact]
    public Task Writing_the_source_before_the_log_is_caught() =>
        IsCaughtAsync(new SwappedWrites(), "does not hold what the source held");

    [Fact]
    public Task Skipping_a_checksum_is_caught() =>
        IsCaughtAsync(new SkippedChecksums(), "does not hold what the source held");

    private static Task IsCaughtAsync(Mutation mutation, string problem) => IsCaughtAsync(
        Enumerable.Range(0, 3).SelectMany(length => Sequences.OfLength(length, seed: 1)),
        scenario => new Explorer(scenario, mutation, new Tally()),
        problem);

    private static async Task IsCaughtAsync(IEnumerable<Scenario> scenarios, Func<Scenario, Explorer> explore, string problem)
    {
        foreach (var scenario in scenarios)
        {
            var violation = await explore(scenario).RunAsync(Patterns.All(scenario.Seed), onlyLastStep: true);
            if (violation is null)
                continue;
            TestContext.Current.TestOutputHelper?.WriteLine(violation.ToString());
            Assert.Contains(violation.Problems, found => found.Contains(problem, StringComparison.Ordinal));
            return;
        }

        Assert.Fail("No scenario shows it.");
    }
}
