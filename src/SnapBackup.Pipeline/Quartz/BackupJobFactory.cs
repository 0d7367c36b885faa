using Quartz;
using Quartz.Extensibility;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>Gives each firing what it works with.</summary>
internal sealed class BackupJobFactory(JobFolder jobs, BackupCycle cycle, RunLimit limit, IProgress<RunProgress>? progress) : IJobFactory
{
    public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(new JobScope(new BackupQuartzJob(jobs, cycle, limit, progress), null));

    public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
}
