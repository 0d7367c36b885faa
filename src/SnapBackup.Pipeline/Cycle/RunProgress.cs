namespace SnapBackup.Pipeline.Cycle;

/// <summary>How far a run has come.</summary>
/// <param name="Run">Its number in the journal.</param>
/// <param name="Job">The job's name.</param>
/// <param name="Step">The step under way.</param>
/// <param name="BytesDone">In the step <see cref="CycleStep.Archive"/>: bytes of the source that are done with; else 0.</param>
/// <param name="BytesTotal">In that step: bytes of the source; else 0.</param>
/// <param name="BytesWritten">In that step: bytes written to the archive; else 0.</param>
public sealed record RunProgress(long Run, string Job, CycleStep Step, long BytesDone = 0, long BytesTotal = 0, long BytesWritten = 0);
