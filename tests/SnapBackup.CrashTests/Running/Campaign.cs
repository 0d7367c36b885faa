using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Scenarios;

namespace SnapBackup.CrashTests.Running;

/// <summary>Runs many scenarios on all processors until they are done, the time is up, or enough violations were found.</summary>
internal sealed class Campaign(Mutation mutation, TimeProvider time)
{
    /// <summary>After so many violations the rest would tell nothing new.</summary>
    private const int MostViolations = 5;

    private static readonly TimeSpan LongestShrinking = TimeSpan.FromMinutes(1);

    private readonly List<Violation> _violations = [];

    public Tally Tally { get; } = new();

    /// <summary>Called with every violation that shows another problem, shrunk, one at a time.</summary>
    public Action<Violation>? Report { get; init; }

    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>Tries sequences, each at every instant of its last step.</summary>
    /// <returns>Whether all were tried.</returns>
    public Task<bool> RunSequencesAsync(IEnumerable<Scenario> sequences, TimeSpan limit) => RunAsync(
        sequences, limit, scenario => new Explorer(scenario, mutation, Tally).RunAsync(Patterns.All(scenario.Seed), onlyLastStep: true));

    /// <summary>Tries long runs, each at some of its instants.</summary>
    public Task<bool> RunLongAsync(IEnumerable<Scenario> scenarios, TimeSpan limit) => RunAsync(
        scenarios, limit, scenario => new Explorer(scenario, mutation, Tally).RunAsync(Patterns.Sampled(scenario.Seed, 8), onlyLastStep: false));

    private async Task<bool> RunAsync(IEnumerable<Scenario> scenarios, TimeSpan limit, Func<Scenario, Task<Violation?>> run)
    {
        if (limit <= TimeSpan.Zero && limit != Timeout.InfiniteTimeSpan)
            return false;
        using var stop = new CancellationTokenSource(limit, time);
        try
        {
            await Parallel.ForEachAsync(scenarios, stop.Token, async (scenario, _) =>
            {
                if (await run(scenario) is { } violation)
                    await TakeAsync(violation, stop);
            });
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TakeAsync(Violation violation, CancellationTokenSource stop)
    {
        var began = time.GetTimestamp();
        var shrinker = new Shrinker(
            scenario => new Explorer(scenario, mutation, new Tally()).RunAsync(Patterns.All(scenario.Seed), onlyLastStep: false),
            () => time.GetElapsedTime(began) > LongestShrinking);
        violation = await shrinker.ShrinkAsync(violation);
        lock (_violations)
        {
            if (_violations.Count >= MostViolations || _violations.Exists(known => known.Problems.SequenceEqual(violation.Problems)))
                return;
            _violations.Add(violation);
            Report?.Invoke(violation);
            if (_violations.Count == MostViolations)
                stop.Cancel();
        }
    }
}
