using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Control.Jobs;

/// <summary>A job, as its document says.</summary>
public sealed record SnapBackupJobInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the disk or image that it backs up; null when the document cannot be used.</summary>
    public string? Source { get; init; }

    /// <summary>The paths of the logs.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>The folder that keeps the archives.</summary>
    public string? Store { get; init; }

    /// <summary>When it runs, as a cron expression; null when it only runs when asked to.</summary>
    public string? Cron { get; init; }

    /// <summary>The time zone of <see cref="Cron"/>.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What becomes of missed runs.</summary>
    public MissedRuns? Missed { get; init; }

    /// <summary>How many of the newest archives are kept; null for all.</summary>
    public int? Keep { get; init; }

    /// <summary>When its snap device is set up.</summary>
    public AttachMode Attach { get; init; }

    /// <summary>When it is due next; null without a schedule.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>Why the document cannot be used; null when it can.</summary>
    public string? Problem { get; init; }
}
