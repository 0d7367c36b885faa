using SnapBackup.CrashTests.Mutations;
using SnapBackup.CrashTests.Running;
using SnapBackup.CrashTests.Scenarios;

namespace SnapBackup.CrashTests.Tests;

public sealed class ShrinkerTests
{
    [Fact]
    public async Task A_violation_is_shrunk_to_a_few_steps_that_still_show_it()
    {
        var scenario = Enumerable.Range(0, 100).Select(RandomScenarios.Create).First(one => !one.IsVaried);
        var violation = await RunAsync(scenario);
        Assert.NotNull(violation);
        Assert.InRange(scenario.Steps.Count, 10, int.MaxValue);
        var shrunk = await new Shrinker(RunAsync, () => false).ShrinkAsync(violation);
        Assert.InRange(shrunk.Scenario.Steps.Count, 0, 4);
        Assert.NotEmpty(shrunk.Problems);
        Assert.NotNull(await RunAsync(shrunk.Scenario));
    }

    private static Task<Violation?> RunAsync(Scenario scenario) =>
        new Explorer(scenario, new SwappedWrites(), new Tally()).RunAsync(Patterns.All(scenario.Seed), onlyLastStep: false);
}
