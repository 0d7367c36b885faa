using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Control.Jobs;

/// <summary>A run of a job, as the journal knows it.</summary>
public sealed record SnapBackupRunInfo
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>Why it began.</summary>
    public required RunTrigger Trigger { get; init; }

    /// <summary>How it ended, or that it is running.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took; null while it runs.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The path of the archive that it made; null when it made none.</summary>
    public string? Archive { get; init; }

    /// <summary>The size of the disk in bytes.</summary>
    public long? SourceSize { get; init; }

    /// <summary>The size of the archive in bytes.</summary>
    public long? ArchiveSize { get; init; }

    /// <summary>The stable name of what ended it; null when it succeeded.</summary>
    public string? ErrorId { get; init; }

    /// <summary>The same in words.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Its steps, in their order.</summary>
    public required IReadOnlyList<StepRecord> Steps { get; init; }

    internal static SnapBackupRunInfo Of(RunRecord run, IReadOnlyList<StepRecord> steps) => new()
    {
        Id = run.Id,
        Job = run.Job,
        Trigger = run.Trigger,
        Outcome = run.Outcome,
        Started = run.Started,
        Duration = run.Ended - run.Started,
        Archive = run.Archive,
        SourceSize = run.SourceSize,
        ArchiveSize = run.ArchiveSize,
        ErrorId = run.ErrorId,
        ErrorMessage = run.ErrorMessage,
        Steps = steps,
    };
}
