using SnapBackup.Control.Devices;
using SnapBackup.Control.Scheduling;
using SnapBackup.Pipeline.Cycle;

namespace NightlyBackup;

/// <summary>Follows the one run of the example, and notes how far the writer was just before and just after the snapshot started.</summary>
internal sealed class RunWatch : IJobServiceObserver
{
    private readonly TaskCompletionSource<SnapDeviceInfo> _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<RunResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _fraction;

    /// <summary>Asked for the number of completed writes.</summary>
    public Func<int> Writes { get; set; } = () => 0;

    /// <summary>The device, once it is there for its users.</summary>
    public Task<SnapDeviceInfo> Attached => _attached.Task;

    public Task<RunResult> Ended => _ended.Task;

    public int WritesBeforeStart { get; private set; }

    public int WritesAfterStart { get; private set; }

    /// <summary>How much of the disk is archived, from 0 to 1.</summary>
    public double Fraction => Volatile.Read(ref _fraction);

    public void OnDeviceAttached(SnapDeviceInfo device) => _attached.TrySetResult(device);

    public void OnProgress(RunProgress progress)
    {
        if (progress.Step == CycleStep.Start)
            WritesBeforeStart = Writes();
        else if (progress is { Step: CycleStep.Archive, BytesTotal: 0 })
            WritesAfterStart = Writes() + 1; // one may have been under way
        else if (progress.BytesTotal > 0)
            Volatile.Write(ref _fraction, (double)progress.BytesDone / progress.BytesTotal);
    }

    public void OnRunEnded(RunResult result) => _ended.TrySetResult(result);

    public void OnProblem(string? job, Exception problem)
    {
        _attached.TrySetException(problem);
        _ended.TrySetException(problem);
    }
}
