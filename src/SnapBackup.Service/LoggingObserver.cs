using SnapBackup.Control.Devices;
using SnapBackup.Control.Scheduling;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Service;

/// <summary>Writes what the job service does to the log.</summary>
internal sealed class LoggingObserver(ServiceLog log) : IJobServiceObserver
{
    public void OnRecovered(RecoveredRun run)
    {
        log.Recovered(run.Run.Id, run.Run.Job, string.Join(", ", run.Removed));
        foreach (var problem in run.Problems)
            log.NotRecovered(run.Run.Id, run.Run.Job, problem);
    }

    public void OnJobChanged(string job, JobChange change) => log.JobChanged(job, change);

    public void OnDeviceAttached(SnapDeviceInfo device)
    {
        log.DeviceAttached(device.Name, device.Source, device.Uri);
        foreach (var warning in device.Warnings)
            log.DeviceWarning(warning);
    }

    public void OnDeviceDetached(string job) => log.DeviceDetached(job);

    public void OnDeviceKept(string job, Exception reason) => log.DeviceKept(job, reason.Message);

    public void OnLogsFilling(LogNotice notice) => log.LogsFilling(notice);

    public void OnCatchUp(string job) => log.CatchUp(job);

    public void OnProgress(RunProgress progress)
    {
        if (progress.BytesTotal == 0) // else one of many reports of the same step
            log.StepBegan(progress.Run, progress.Job, progress.Step);
    }

    public void OnRunEnded(RunResult result)
    {
        var run = result.Run;
        if (run.Outcome == RunOutcome.Succeeded)
            log.RunSucceeded(run.Id, run.Job, run.Ended - run.Started, run.Archive, run.SourceSize, run.ArchiveSize);
        else if (run.Outcome == RunOutcome.Failed)
            log.RunFailed(run.Id, run.Job, run.Ended - run.Started, run.ErrorId, run.ErrorMessage);
        else
            log.RunStopped(run.Id, run.Job, run.Outcome, run.ErrorMessage);
    }

    public void OnProblem(string? job, Exception problem)
    {
        if (job is null)
            log.Problem(problem.Message);
        else
            log.JobProblem(job, problem.Message);
    }
}
