using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Journal;

/// <summary>What the journal knows of a run.</summary>
public sealed record RunRecord
{
    /// <summary>Its number in the journal, counted from 1.</summary>
    public required long Id { get; init; }

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>What was to be backed up; null when the job's document could not be read.</summary>
    public string? Source { get; init; }

    /// <summary>Why it began.</summary>
    public required RunTrigger Trigger { get; init; }

    /// <summary>The process that runs it.</summary>
    public required ProcessIdentity Owner { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended, in UTC; of an interrupted run, when that was found. Null while it runs.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>The stable name of the first error, such as <c>EngineError.SnapshotBroken</c>.</summary>
    public string? ErrorId { get; init; }

    /// <summary>The first error in words.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The archive that it published; also of a run that failed or was cancelled afterwards.</summary>
    public string? Archive { get; init; }

    /// <summary>The size of the source, in bytes, once it was archived.</summary>
    public long? SourceSize { get; init; }

    /// <summary>The size of the archive, in bytes.</summary>
    public long? ArchiveSize { get; init; }
}
