namespace SnapBackup.Pipeline.Cycle;

/// <summary>Tells what came of a run.</summary>
/// <param name="result">It.</param>
public sealed class RunEndedEventArgs(RunResult result) : EventArgs
{
    /// <summary>What came of the run.</summary>
    public RunResult Result => result;
}
