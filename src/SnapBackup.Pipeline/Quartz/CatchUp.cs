using Quartz;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>
/// Catches up jobs whose last run was cut short by the end of its process. Times that passed while nobody ran are Quartz'
/// affair (its misfires); a job that has one waiting is left to it, so that one run follows and not two.
/// </summary>
internal sealed class CatchUp(IScheduler scheduler, RunJournal journal)
{
    /// <summary>Puts one immediate run into the schedule for each job that needs it. Done twice, it is one still.</summary>
    /// <returns>The names of the jobs.</returns>
    public async Task<IReadOnlyList<string>> ScheduleAsync(IEnumerable<JobDocument> jobs, CancellationToken cancellationToken)
    {
        var caughtUp = new List<string>();
        foreach (var name in jobs.Where(job => job.Schedule?.Missed == MissedRuns.CatchUp).Select(job => job.Name))
        {
            if (!IsDue(name, await scheduler.GetTrigger(ScheduleKeys.CronOf(name), cancellationToken).ConfigureAwait(false)))
                continue;
            var trigger = TriggerBuilder.Create(scheduler.TimeProvider)
                .WithIdentity(ScheduleKeys.CatchUpOf(name))
                .StartNow()
                .Build();
            // With its job, which Quartz forgot together with a last time that has passed.
            await scheduler.ScheduleJob(BackupQuartzJob.DetailOf(name), [trigger], ScheduleJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
            caughtUp.Add(name);
        }

        return caughtUp;
    }

    /// <summary>
    /// Whether the last run was interrupted, or a time came for which no run began: between the two a process can die.
    /// </summary>
    /// <param name="name">The job.</param>
    /// <param name="cron">Its schedule; null when all its times have passed.</param>
    private bool IsDue(string name, ITrigger? cron)
    {
        if (cron?.NextFireTimeUtc <= scheduler.TimeProvider.GetUtcNow())
            return false;
        var last = journal.List(new RunQuery { Job = name, Limit = 1 }) is [var run] ? run : null;
        return last?.Outcome == RunOutcome.Interrupted
            || (cron?.PreviousFireTimeUtc is { } fired && (last is null || last.Started < fired));
    }
}
