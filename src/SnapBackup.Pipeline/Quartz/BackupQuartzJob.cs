using Quartz;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>What Quartz fires: waits for a place, reads the job's document as it is then, and runs it. The name of this type is in the database.</summary>
[DisallowConcurrentExecution]
internal sealed class BackupQuartzJob(JobFolder jobs, BackupCycle cycle, RunLimit limit, IProgress<RunProgress>? progress) : IJob
{
    /// <summary>The job in Quartz that stands for ours.</summary>
    public static IJobDetail DetailOf(string name) => JobBuilder.Create<BackupQuartzJob>().WithIdentity(ScheduleKeys.JobOf(name)).Build();

    /// <param name="context">What fired, and when.</param>
    /// <param name="cancellationToken">Not passed on: the cycle itself interrupts its runs when the process ends.</param>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = context.JobDetail.Key.Name;
        var trigger = ScheduleKeys.ReasonOf(context);
        using var place = await limit.TryEnterAsync().ConfigureAwait(false);
        if (place is null)
        {
            cycle.Refuse(name, trigger, Interruption(name));
            return;
        }

        JobDocument job;
        try
        {
            job = jobs.Read(name);
        }
        catch (PipelineException exception) when (exception.Reason == PipelineError.JobNotFound)
        {
            return; // removed a moment ago; the schedule follows
        }
        catch (PipelineException exception)
        {
            cycle.Refuse(name, trigger, exception);
            return;
        }

        await cycle.RunAsync(job, trigger, progress, CancellationToken.None).ConfigureAwait(false);
    }

    private static PipelineException Interruption(string name) => new(
        PipelineError.RunInterrupted,
        $"The process was stopped while job '{name}' waited for other runs. Run it again, or let the scheduler catch it up.");
}
