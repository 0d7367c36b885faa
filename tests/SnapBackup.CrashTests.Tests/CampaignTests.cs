using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Running;
using SnapBackup.CrashTests.Scenarios;

namespace SnapBackup.CrashTests.Tests;

/// <summary>A short run of the program, the same every time. The long one is for whoever changed the engine.</summary>
public sealed class CampaignTests
{
    private const int Seed = 2001;

    /// <summary>Among these are volatile logs, small ones and ones that grow, logs that are added, rollbacks, overlays, and up to two power cuts in a run.</summary>
    private static readonly int[] LongRuns = [2002, 2003, 2004, 2008];

    [Fact]
    public Task Every_sequence_of_one_operation_survives_a_power_cut_at_every_instant() =>
        FindsNothingAsync(campaign => campaign.RunSequencesAsync(
            [.. Sequences.OfLength(0, Seed), .. Sequences.OfLength(1, Seed)], Timeout.InfiniteTimeSpan));

    [Fact]
    public Task Some_sequences_of_three_operations_survive_a_power_cut_at_every_instant()
    {
        var all = Sequences.OfLength(3, Seed).ToArray();
        new Random(Seed).Shuffle(all);
        return FindsNothingAsync(campaign => campaign.RunSequencesAsync(all.Take(25), Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public Task Long_runs_survive_power_cuts() =>
        FindsNothingAsync(campaign => campaign.RunLongAsync(LongRuns.Select(RandomScenarios.Create), Timeout.InfiniteTimeSpan));

    [Fact]
    public Task Writers_who_find_no_room_beside_an_end_survive_power_cuts() =>
        FindsNothingAsync(campaign => campaign.RunLongAsync(Enumerable.Range(Seed, 40).Select(CrowdedScenarios.Create), Timeout.InfiniteTimeSpan));

    private static async Task FindsNothingAsync(Func<Campaign, Task<bool>> run)
    {
        var campaign = new Campaign(Mutation.None, TimeProvider.System);
        Assert.True(await run(campaign), string.Join('\n', campaign.Violations));
        Assert.True(campaign.Tally.Recoveries > campaign.Tally.CrashPoints, "an instant leaves more than one possible disk");
        Assert.True(campaign.Violations.Count == 0, string.Join('\n', campaign.Violations));
    }
}
