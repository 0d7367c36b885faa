using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.Pipeline.Tests;

/// <summary>Calls the test at each report, on the run's own thread: what the test does there happens in that very step.</summary>
internal sealed class ProgressProbe(Action<RunProgress> action) : IProgress<RunProgress>
{
    public void Report(RunProgress value) => action(value);

    /// <summary>Acts once, when the step begins.</summary>
    public static ProgressProbe At(CycleStep step, Action action) => new(progress =>
    {
        if (progress.Step == step && progress.BytesTotal == 0)
            action();
    });

    /// <summary>Acts once, when the archive has begun to grow.</summary>
    public static ProgressProbe InArchive(Action action)
    {
        var done = false;
        return new ProgressProbe(progress =>
        {
            if (done || progress.BytesDone == 0)
                return;
            done = true;
            action();
        });
    }
}
