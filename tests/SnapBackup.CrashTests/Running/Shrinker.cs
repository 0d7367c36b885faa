using SnapBackup.CrashTests.Scenarios;

namespace SnapBackup.CrashTests.Running;

/// <summary>Makes the scenario of a violation as short as it can while it is still one.</summary>
/// <param name="run">Does a scenario, at every instant, and gives its violation.</param>
/// <param name="isTimeUp">Says when to stop and be content.</param>
internal sealed class Shrinker(Func<Scenario, Task<Violation?>> run, Func<bool> isTimeUp)
{
    /// <summary>How often a scenario with overlapping requests is tried: the same violation need not come every time.</summary>
    private const int TriesOfOverlapping = 5;

    public async Task<Violation> ShrinkAsync(Violation violation)
    {
        violation = await TryAsync(InOneLane(violation.Scenario)) ?? violation;
        for (var chunk = violation.Scenario.Steps.Count; chunk > 0; chunk /= 2)
            violation = await WithoutChunksAsync(violation, chunk);
        return violation;
    }

    /// <summary>Leaves out as many runs of so many steps as it can.</summary>
    private async Task<Violation> WithoutChunksAsync(Violation violation, int chunk)
    {
        for (var start = 0; start < violation.Scenario.Steps.Count && !isTimeUp();)
        {
            var steps = violation.Scenario.Steps;
            var shorter = violation.Scenario with { Steps = [.. steps.Take(start), .. steps.Skip(start + chunk)] };
            if (await TryAsync(shorter) is { } smaller)
                violation = smaller;
            else
                start += chunk;
        }

        return violation;
    }

    private async Task<Violation?> TryAsync(Scenario scenario)
    {
        for (var i = 0; i < (scenario.IsVaried ? TriesOfOverlapping : 1) && !isTimeUp(); i++)
        {
            if (await run(scenario) is { } violation)
                return violation;
        }

        return null;
    }

    private static Scenario InOneLane(Scenario scenario) =>
        scenario with { IsVaried = false, Steps = [.. scenario.Steps.Select(step => step with { Lane = 0 })] };
}
