using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>What came of a run.</summary>
/// <param name="Run">What the journal says of it.</param>
/// <param name="Error">What ended it first; null when it succeeded. Errors of the taking down that followed are with the steps.</param>
public sealed record RunResult(RunRecord Run, Exception? Error);
