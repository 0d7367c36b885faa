namespace SnapBackup.Pipeline.Jobs;

/// <summary>When a job runs.</summary>
public sealed record JobSchedule
{
    /// <summary>The time zone when none is named.</summary>
    public const string DefaultTimeZone = "UTC";

    /// <summary>
    /// A cron expression: five fields (minute hour day month weekday, Sunday is 0) or six to seven with seconds first
    /// (and a year last; Sunday is 1).
    /// </summary>
    public required string Cron { get; init; }

    /// <summary>The IANA name of the time zone that <see cref="Cron"/> speaks of.</summary>
    public string TimeZone { get; init; } = DefaultTimeZone;

    /// <summary>What becomes of missed runs.</summary>
    public MissedRuns Missed { get; init; } = MissedRuns.CatchUp;
}
