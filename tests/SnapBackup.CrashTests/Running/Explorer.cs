using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Running;

/// <summary>
/// Does a scenario, cuts the power at its instants, and starts the engine with what is left each time: the device is looked
/// at and used, and now and then the power is cut again, also while it is being opened.
/// </summary>
internal sealed class Explorer(Scenario scenario, Mutation mutation, Tally tally)
{
    private const int TraceReported = 60;

    private int _recoveries;

    /// <summary>Of how many recoveries one is cut again.</summary>
    public int RecoveriesASecondCut { get; init; } = 48;

    /// <summary>The same of those that found a rollback to finish.</summary>
    public int RollbacksASecondCut { get; init; } = 6;

    /// <summary>Of how many instants of such a recovery one is tried.</summary>
    public int InstantsASecondCut { get; init; } = 8;

    /// <summary>Does the whole scenario.</summary>
    /// <param name="choose">The instants to try.</param>
    /// <param name="onlyLastStep">Whether to try only those since the last step began: the earlier ones are those of a shorter scenario.</param>
    /// <returns>The first violation; null when there is none.</returns>
    public async Task<Violation?> RunAsync(PatternChooser choose, bool onlyLastStep)
    {
        tally.CountScenario();
        var uptime = await Uptime.SetUpAsync(scenario, mutation);
        var cuts = new List<string>();
        try
        {
            foreach (var (steps, end) in scenario.Uptimes())
            {
                await uptime.RunAsync(steps);
                if (uptime.Violations.Count > 0)
                    return Report(uptime, uptime.Machine.Trace.Length, cuts, uptime.Violations);
                if (!uptime.IsAttached)
                    return null;
                if ((end is null || !onlyLastStep)
                    && await ExploreAsync(uptime, onlyLastStep ? uptime.LastStepAt : 0, choose, cuts, mayCutAgain: true) is { } violation)
                {
                    return violation;
                }

                if (end is not null)
                    uptime = await GoOnAsync(uptime, end, cuts);
            }

            return null;
        }
        finally
        {
            await uptime.DisposeAsync();
        }
    }

    /// <summary>Tries the instants of an uptime from a position on.</summary>
    private async Task<Violation?> ExploreAsync(Uptime uptime, int from, PatternChooser choose, List<string> cuts, bool mayCutAgain)
    {
        var expectation = uptime.Before;
        for (var instant = new PowerCut(uptime.Machine); ; expectation.Follow(instant.Step()))
        {
            if (instant.Position == uptime.OpenedAt)
                expectation = new Expectation(uptime.Known);
            if (instant.Position >= from
                && (instant.IsTelling || instant.IsLast)
                && await CutAsync(uptime, instant, expectation, choose, cuts, mayCutAgain) is { } violation)
            {
                return violation;
            }

            if (instant.IsLast)
                return null;
        }
    }

    /// <summary>Tries the patterns of one instant.</summary>
    private async Task<Violation?> CutAsync(
        Uptime uptime, PowerCut instant, Expectation expectation, PatternChooser choose, List<string> cuts, bool mayCutAgain)
    {
        var seen = new HashSet<int>();
        foreach (var pattern in choose(instant))
        {
            if (!seen.Add(instant.Fingerprint(pattern)))
                continue;
            tally.CountRecovery();
            List<string> path = [.. cuts, Describe(uptime, instant.Position, pattern)];
            await using var next = await Uptime.OpenAsync(scenario, instant.Cut(pattern), mutation, expectation);
            await next.RunAsync(Use(path.Count));
            if (next.Violations.Count > 0)
                return Report(uptime, instant.Position, path, next.Violations);
            if (mayCutAgain && next.IsAttached && IsCutAgain(next)
                && await ExploreAsync(next, 0, Patterns.Sampled(scenario.Seed + _recoveries, InstantsASecondCut), path, mayCutAgain: false) is { } violation)
            {
                return violation;
            }
        }

        if (seen.Count > 0)
            tally.CountCrashPoint();
        return null;
    }

    private bool IsCutAgain(Uptime next) => ++_recoveries % (next.WroteSourceWhileOpening ? RollbacksASecondCut : RecoveriesASecondCut) == 0;

    /// <summary>Cuts the power where the scenario says so, and starts the next machine.</summary>
    private async Task<Uptime> GoOnAsync(Uptime uptime, PowerCutStep end, List<string> cuts)
    {
        var random = new Random(end.Seed);
        var position = random.Next(end.Seed % 4 == 0 ? 0 : uptime.OpenedAt, uptime.Machine.Trace.Length + 1);
        var instant = new PowerCut(uptime.Machine);
        while (instant.Position < position)
            instant.Step();
        var patterns = Patterns.All(end.Seed)(instant).ToList();
        var pattern = patterns[random.Next(patterns.Count)];
        cuts.Add(Describe(uptime, position, pattern));
        var next = await Uptime.OpenAsync(scenario, instant.Cut(pattern), mutation, uptime.ExpectationAt(position));
        await uptime.DisposeAsync();
        return next;
    }

    /// <summary>What is done with every device that was opened after a cut: a snapshot more, and every block written.</summary>
    private List<Step> Use(int cuts)
    {
        const int AfterAllOthers = 1 << 24;
        var half = (int)(scenario.Geometry.SourceSize / 2) + DiskImage.SectorSize;
        return
        [
            new ControlStep(0, ControlKind.Start, $"after{cuts}"),
            new RequestStep(0, DiskOperationKind.Write, 0, half, AfterAllOthers + (2 * cuts)),
            new RequestStep(0, DiskOperationKind.Write, half, (int)scenario.Geometry.SourceSize - half, AfterAllOthers + (2 * cuts) + 1),
            new RequestStep(0, DiskOperationKind.Flush, 0, 0, 0),
        ];
    }

    private static string Describe(Uptime uptime, int position, SurvivalPattern pattern)
    {
        var when = position == 0 ? "at once" : $"when this had happened: {uptime.Machine.Trace[position - 1]}";
        return $"power cut at {position}, {when}; of what was not durable survived: {pattern.Name}";
    }

    private Violation Report(Uptime uptime, int position, List<string> cuts, IReadOnlyList<string> problems)
    {
        var first = Math.Max(0, position - TraceReported);
        return new Violation(scenario, [.. cuts], problems, [.. Enumerable.Range(first, position - first).Select(i => $"{i} {uptime.Machine.Trace[i]}")]);
    }
}
