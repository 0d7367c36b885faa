using SnapBackup.Control.Devices;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Control.Scheduling;

/// <summary>
/// Is told what a <see cref="JobService"/> does, on the service's own threads, several at a time: it must return soon and
/// not throw. What an observer does not care for it leaves out.
/// </summary>
public interface IJobServiceObserver
{
    /// <summary>A run whose process died was cleaned up after.</summary>
    /// <param name="run">What was found and removed.</param>
    void OnRecovered(RecoveredRun run)
    {
    }

    /// <summary>A document that can be used appeared, changed or went.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="change">Which of these.</param>
    void OnJobChanged(string job, JobChange change)
    {
    }

    /// <summary>A device that stays attached was set up, or opened again with what its logs keep.</summary>
    /// <param name="device">It, with the URI that users of the disk connect to.</param>
    void OnDeviceAttached(SnapDeviceInfo device)
    {
    }

    /// <summary>A device that stayed attached was let go, because the job's document no longer asks for it as it was.</summary>
    /// <param name="job">The name of job and device.</param>
    void OnDeviceDetached(string job)
    {
    }

    /// <summary>A device cannot follow its job's document yet; it stays as it is until that can be done.</summary>
    /// <param name="job">The name of job and device.</param>
    /// <param name="reason">What is in the way.</param>
    void OnDeviceKept(string job, Exception reason)
    {
    }

    /// <summary>
    /// The logs of a device, attached always or for a run, fill: it is foretold that they will be full, or has come further. Told once for each stage.
    /// </summary>
    /// <param name="notice">What is to be said about it.</param>
    void OnLogsFilling(LogNotice notice)
    {
    }

    /// <summary>A job runs now, because its last run was interrupted or did not come about.</summary>
    /// <param name="job">The job's name.</param>
    void OnCatchUp(string job)
    {
    }

    /// <summary>A run is somewhere: told as each step begins (a run begins with its first), and as its archive grows.</summary>
    /// <param name="progress">Where.</param>
    void OnProgress(RunProgress progress)
    {
    }

    /// <summary>A run has ended and is recorded.</summary>
    /// <param name="result">How.</param>
    void OnRunEnded(RunResult result)
    {
    }

    /// <summary>
    /// Something cannot be used: a document, a device, the folder, the schedule. Told once, and again when it becomes
    /// another problem; everything else goes on. The service tries again, but for a changed device that it put back as it was.
    /// </summary>
    /// <param name="job">The name of the job that it concerns; null when it concerns all.</param>
    /// <param name="problem">What is wrong.</param>
    void OnProblem(string? job, Exception problem)
    {
    }
}
