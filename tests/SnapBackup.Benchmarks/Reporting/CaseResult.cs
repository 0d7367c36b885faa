namespace SnapBackup.Benchmarks.Reporting;

/// <summary>One figure beside the one it is compared with, both of this run.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="Peer">What it is compared with; <c>limit</c> when that is a fixed number.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Theirs">The peer's figure.</param>
/// <param name="Ratio">Ours ÷ theirs: the median over rounds in which both were measured by turns.</param>
/// <param name="Spread">The distance between the quartiles of the rounds' ratios.</param>
/// <param name="Better"><c>higher</c> or <c>lower</c>.</param>
/// <param name="Goal">The ratio asked for.</param>
internal sealed record CaseResult(
    string Case, string Peer, string Unit, double? Ours, double? Theirs, double? Ratio, double? Spread, string Better, double Goal)
{
    /// <summary>Whether the goal is reached.</summary>
    public bool Met => Better.Equals("higher", StringComparison.Ordinal) ? Ratio >= Goal : Ratio <= Goal;

    /// <summary>A figure that could not be compared, because the peer is not installed.</summary>
    public static CaseResult Missing(string name, string peer, string unit, string better, double goal) =>
        new(name, $"{peer} (missing)", unit, null, null, null, null, better, goal);

    /// <summary>A figure that must not exceed a fixed one.</summary>
    public static CaseResult AtMost(string name, string unit, double ours, double limit) =>
        new(name, "limit", unit, ours, limit, ours / limit, 0, "lower", 1);

    /// <summary>Figures of rounds in which both were measured by turns.</summary>
    public static CaseResult OfRounds(
        string name, string peer, string unit, IReadOnlyList<(double Ours, double Theirs)> rounds, string better, double goal)
    {
        var ratios = rounds.Select(round => round.Ours / round.Theirs).Order().ToList();
        return new CaseResult(
            name,
            peer,
            unit,
            Quantile([.. rounds.Select(round => round.Ours).Order()], 0.5),
            Quantile([.. rounds.Select(round => round.Theirs).Order()], 0.5),
            Quantile(ratios, 0.5),
            Quantile(ratios, 0.75) - Quantile(ratios, 0.25),
            better,
            goal);
    }

    private static double Quantile(List<double> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var (low, high) = ((int)Math.Floor(place), (int)Math.Ceiling(place));
        return sorted[low] + ((sorted[high] - sorted[low]) * (place - low));
    }
}
