using Quartz;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>
/// Cron expressions as Quartz reads them: with five fields as crontab(5), with six or seven as Quartz' own.
/// </summary>
public sealed class QuartzCronCalendar : ICronCalendar
{
    private const int UnixFields = 5;

    /// <inheritdoc/>
    public bool IsValid(string cron) => CronExpression.TryParse(cron, FormatOf(cron), out _);

    /// <inheritdoc/>
    public DateTimeOffset? NextAfter(string cron, TimeZoneInfo timeZone, DateTimeOffset time) =>
        Parse(cron, timeZone).GetNextValidTimeAfter(time);

    /// <summary>The expression in its time zone.</summary>
    internal static CronExpression Parse(string cron, TimeZoneInfo timeZone) =>
        CronExpression.Parse(cron, FormatOf(cron)).WithTimeZone(timeZone);

    private static CronFormat FormatOf(string cron) =>
        cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == UnixFields ? CronFormat.Unix : CronFormat.Quartz;
}
