using Quartz;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>How our jobs and triggers are named in Quartz, and what the names tell when one fires.</summary>
internal static class ScheduleKeys
{
    public const string Jobs = "jobs";
    public const string Cron = "cron";
    public const string CatchUp = "catch-up";

    /// <summary>How late a firing may be before it counts as missed.</summary>
    public static readonly TimeSpan MisfireThreshold = TimeSpan.FromMinutes(1);

    public static JobKey JobOf(string name) => new(name, Jobs);

    public static TriggerKey CronOf(string name) => new(name, Cron);

    public static TriggerKey CatchUpOf(string name) => new(name, CatchUp);

    /// <summary>
    /// What a trigger was made from. It is the trigger's description; as long as it stays the same the trigger, with the
    /// time that it is waiting for, stays too.
    /// </summary>
    public static string Describe(JobSchedule schedule) => $"{schedule.Cron} ({schedule.TimeZone}, {schedule.Missed})";

    /// <summary>Why a trigger fired: a time that is this late was missed.</summary>
    public static RunTrigger ReasonOf(IJobExecutionContext context)
    {
        var isLate = context.FireTimeUtc - context.ScheduledFireTimeUtc >= MisfireThreshold;
        return isLate || string.Equals(context.Trigger.Key.Group, CatchUp, StringComparison.Ordinal) ? RunTrigger.CaughtUp : RunTrigger.Scheduled;
    }
}
