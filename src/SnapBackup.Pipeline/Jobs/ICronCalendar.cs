namespace SnapBackup.Pipeline.Jobs;

/// <summary>Knows what cron expressions mean.</summary>
public interface ICronCalendar
{
    /// <summary>Whether the text is a cron expression.</summary>
    /// <param name="cron">The text.</param>
    bool IsValid(string cron);

    /// <summary>The first time after <paramref name="time"/> that the expression names; null when there is none.</summary>
    /// <param name="cron">A valid expression.</param>
    /// <param name="timeZone">The zone whose wall clock it speaks of.</param>
    /// <param name="time">Where to begin; itself excluded.</param>
    DateTimeOffset? NextAfter(string cron, TimeZoneInfo timeZone, DateTimeOffset time);
}
