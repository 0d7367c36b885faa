namespace SnapBackup.CrashTests.Scenarios;

/// <summary>What is done with a device, from its set-up on.</summary>
/// <param name="Geometry">The disks.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Seed">Chooses whatever is left to chance.</param>
internal sealed record Scenario(Geometry Geometry, IReadOnlyList<Step> Steps, int Seed)
{
    /// <summary>Whether requests of the simulated disks overlap.</summary>
    public bool IsVaried { get; init; }

    /// <summary>The steps between power cuts.</summary>
    public IEnumerable<(IReadOnlyList<Step> Steps, PowerCutStep? Cut)> Uptimes()
    {
        var steps = new List<Step>();
        foreach (var step in Steps)
        {
            if (step is PowerCutStep cut)
            {
                yield return (steps, cut);
                steps = [];
            }
            else
            {
                steps.Add(step);
            }
        }

        yield return (steps, null);
    }

    public override string ToString() =>
        $"source {Geometry.SourceSize}, logs {string.Join('+', Geometry.LogSizes)}{(Geometry.GrowTo is { } limit ? $" to {limit}" : "")} {Geometry.Allocation} {Geometry.Durability}, block {Geometry.BlockSize}, changes {Geometry.ChangeGranularity}"
        + $"{(IsVaried ? ", overlapping requests" : "")}: {(Steps.Count == 0 ? "(nothing)" : string.Join("; ", Steps))}";
}
