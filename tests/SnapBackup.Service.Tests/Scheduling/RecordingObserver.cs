using SnapBackup.Control.Devices;
using SnapBackup.Control.Scheduling;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Service.Tests.Scheduling;

/// <summary>Writes down what a job service tells.</summary>
public sealed class RecordingObserver : IJobServiceObserver
{
    public EventLog Log { get; } = new();

    /// <summary>The lines that begin like this.</summary>
    public IReadOnlyList<string> Of(string start) => [.. Log.Lines.Where(line => line.StartsWith(start, StringComparison.Ordinal))];

    public void OnJobChanged(string job, JobChange change) => Log.Add($"{change} {job}");

    public void OnDeviceAttached(SnapDeviceInfo device) => Log.Add($"attached {device.Name} of {device.Source} with {device.BlockSize}");

    public void OnDeviceDetached(string job) => Log.Add($"detached {job}");

    public void OnDeviceKept(string job, Exception reason) => Log.Add($"kept {job}: {reason.Message}");

    public void OnLogsFilling(LogNotice notice) => Log.Add($"{notice.Stage} {notice.Message}");

    public void OnRunEnded(RunResult result) => Log.Add($"ended {result.Run.Job}: {result.Run.Outcome}");

    public void OnProblem(string? job, Exception problem) => Log.Add($"problem {job}: {problem.Message}");
}
