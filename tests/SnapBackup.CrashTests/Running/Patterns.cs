using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Running;

/// <summary>The ways to choose instants and patterns.</summary>
internal static class Patterns
{
    /// <summary>Of how many patterns one is tried where only some are.</summary>
    private const int PatternsATry = 4;

    /// <summary>Every instant, with all patterns.</summary>
    public static PatternChooser All(int seed) => instant => SurvivalPattern.Chosen(instant, seed + instant.Position);

    /// <summary>Some instants, each with some patterns.</summary>
    /// <param name="seed">Chooses them.</param>
    /// <param name="share">Of how many instants one is tried.</param>
    public static PatternChooser Sampled(int seed, int share)
    {
        var random = new Random(seed);
        return instant => random.Next(share) == 0 ? SurvivalPattern.Chosen(instant, random.Next()).Where(_ => random.Next(PatternsATry) == 0) : [];
    }
}
