using Quartz;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>What Quartz fires: reads the job's document as it is now, and runs it. The name of this type is in the database.</summary>
[DisallowConcurrentExecution]
internal sealed class BackupQuartzJob(JobFolder jobs, BackupCycle cycle, IProgress<RunProgress>? progress) : IJob
{
    /// <param name="context">What fired, and when.</param>
    /// <param name="cancellationToken">Not passed on: the cycle itself interrupts its runs when the process ends.</param>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = context.JobDetail.Key.Name;
        var trigger = ScheduleKeys.ReasonOf(context);
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
}
