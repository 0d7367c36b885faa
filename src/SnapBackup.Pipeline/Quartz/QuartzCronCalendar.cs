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
    /// <remarks>
    /// Quartz' parser passes over a comma with nothing before or after it, and its calculation stumbles over some of what it
    /// passed. The one is refused here, and of the rest one time is calculated.
    /// </remarks>
    public bool IsValid(string cron)
    {
        if (FieldsOf(cron).Any(field => field.Split(',').Contains("", StringComparer.Ordinal)))
            return false;
        try
        {
            Parse(cron, TimeZoneInfo.Utc).GetNextValidTimeAfter(DateTimeOffset.UnixEpoch);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public DateTimeOffset? NextAfter(string cron, TimeZoneInfo timeZone, DateTimeOffset time) =>
        Parse(cron, timeZone).GetNextValidTimeAfter(time);

    /// <summary>The expression in its time zone.</summary>
    internal static CronExpression Parse(string cron, TimeZoneInfo timeZone) =>
        CronExpression.Parse(cron, FormatOf(cron)).WithTimeZone(timeZone);

    private static CronFormat FormatOf(string cron) => FieldsOf(cron).Length == UnixFields ? CronFormat.Unix : CronFormat.Quartz;

    private static string[] FieldsOf(string cron) => cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
