using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Pipeline.Journal;

/// <summary>What the journal knows of a step of a run.</summary>
public sealed record StepRecord
{
    /// <summary>Which step.</summary>
    public required CycleStep Step { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended, in UTC; null while it runs.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>The stable name of its own error.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Its own error in words.</summary>
    public string? ErrorMessage { get; init; }
}
