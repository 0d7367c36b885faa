namespace SnapBackup.Pipeline.Journal;

/// <summary>Which runs are asked for.</summary>
public sealed record RunQuery
{
    /// <summary>Only runs of this job; null for all.</summary>
    public string? Job { get; init; }

    /// <summary>Only runs that ended like this; null for all.</summary>
    public RunOutcome? Outcome { get; init; }

    /// <summary>At most so many, the newest.</summary>
    public int Limit { get; init; } = 100;
}
