using System.Net;
using Microsoft.Extensions.Logging;
using SnapBackup.Control.Devices;
using SnapBackup.Control.Scheduling;
using SnapBackup.Nbd;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Service;

/// <summary>Every message of the service. The numbers are what alerts go by: they stay.</summary>
internal sealed partial class ServiceLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Information, "Running the jobs of {Jobs}; devices are served on {Socket}")]
    public partial void Started(string jobs, string socket);

    [LoggerMessage(2, LogLevel.Information, "Stopping: runs under way are interrupted, devices let go with their snapshots")]
    public partial void Stopping();

    [LoggerMessage(3, LogLevel.Information, "Stopped")]
    public partial void Stopped();

    [LoggerMessage(4, LogLevel.Error, "{Problem}")]
    public partial void Problem(string problem);

    [LoggerMessage(5, LogLevel.Information, "Devices are served over TCP on {Address}, {Tls}")]
    public partial void ServesOnTcp(EndPoint address, string tls);

    [LoggerMessage(10, LogLevel.Information, "Job {Job}: {Change}")]
    public partial void JobChanged(string job, JobChange change);

    [LoggerMessage(11, LogLevel.Error, "Job {Job}: {Problem}")]
    public partial void JobProblem(string job, string problem);

    [LoggerMessage(20, LogLevel.Information, "Device {Job} of {Source} is attached: {Uri}")]
    public partial void DeviceAttached(string job, string source, string uri);

    [LoggerMessage(21, LogLevel.Information, "Device {Job} is detached")]
    public partial void DeviceDetached(string job);

    [LoggerMessage(22, LogLevel.Warning, "Device {Job} stays as it was until it can be changed: {Reason}")]
    public partial void DeviceKept(string job, string reason);

    [LoggerMessage(23, LogLevel.Warning, "NBD: {Problem}")]
    private partial void ConnectionFailed(string problem);

    [LoggerMessage(24, LogLevel.Warning, "Device {Notice}")]
    private partial void LogsFilling(string notice);

    [LoggerMessage(25, LogLevel.Information, "Device {Notice}")]
    private partial void LogsGrown(string notice);

    [LoggerMessage(26, LogLevel.Warning, "Device {Warning}")]
    public partial void DeviceWarning(string warning);

    [LoggerMessage(EventId = 30, Message = "Run {Run} of job {Job}: {Step}")]
    private partial void StepBegan(LogLevel level, long run, string job, CycleStep step);

    [LoggerMessage(31, LogLevel.Information, "Run {Run} of job {Job} succeeded in {Duration}: {Archive}, {SourceSize} bytes in {ArchiveSize}")]
    public partial void RunSucceeded(long run, string job, TimeSpan? duration, string? archive, long? sourceSize, long? archiveSize);

    [LoggerMessage(32, LogLevel.Error, "Run {Run} of job {Job} failed after {Duration}: {ErrorId}: {Problem}")]
    public partial void RunFailed(long run, string job, TimeSpan? duration, string? errorId, string? problem);

    [LoggerMessage(33, LogLevel.Warning, "Run {Run} of job {Job}: {Outcome}. {Problem}")]
    public partial void RunStopped(long run, string job, RunOutcome outcome, string? problem);

    [LoggerMessage(34, LogLevel.Warning, "Run {Run} of job {Job} was cut short by the death of its process; removed: {Removed}")]
    public partial void Recovered(long run, string job, string removed);

    [LoggerMessage(35, LogLevel.Error, "Run {Run} of job {Job} left behind what could not be removed: {Problem}")]
    public partial void NotRecovered(long run, string job, string problem);

    [LoggerMessage(36, LogLevel.Information, "Job {Job} is caught up")]
    public partial void CatchUp(string job);

    /// <summary>What calls for somebody, and what is only good to know.</summary>
    public void LogsFilling(LogNotice notice)
    {
        if (notice.IsWarning)
            LogsFilling(notice.Message);
        else
            LogsGrown(notice.Message);
    }

    public void ConnectionFailed(NbdException failure) => ConnectionFailed(failure.Message);

    /// <summary>A run's first step is its beginning.</summary>
    public void StepBegan(long run, string job, CycleStep step) =>
        StepBegan(step == CycleStep.Prepare ? LogLevel.Information : LogLevel.Debug, run, job, step);
}
