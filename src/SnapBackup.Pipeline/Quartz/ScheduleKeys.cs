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

    public static JobKey JobOf(string name) => new(name, Jobs);

    public static TriggerKey CronOf(string name) => new(name, Cron);

    public static TriggerKey CatchUpOf(string name) => new(name, CatchUp);

    /// <summary>
    /// What a trigger was made from. It is the trigger's description; as long as it stays the same the trigger, with the
    /// time that it is waiting for, stays too.
    /// </summary>
    public static string Describe(JobSchedule schedule) => $"{schedule.Cron} ({schedule.TimeZone}, {schedule.Missed})";

    /// <summary>
    /// Why a trigger fired. Quartz fires a missed time at once, as if the expression named the moment; that it does not
    /// tells the one from the other.
    /// </summary>
    public static RunTrigger ReasonOf(IJobExecutionContext context)
    {
        if (context.Trigger is not ICronTrigger trigger || context.ScheduledFireTimeUtc is not { } time)
            return RunTrigger.CaughtUp;
        var named = trigger.GetFireTimeAfter(time.AddTicks(-1));
        return named == time ? RunTrigger.Scheduled : RunTrigger.CaughtUp;
    }
}
