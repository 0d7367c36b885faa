using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>A run whose process died, and what was done about what it left behind.</summary>
/// <param name="Run">The run, now recorded as interrupted, or ended before with something left.</param>
/// <param name="Removed">What was removed: the snapshot, and files by their paths.</param>
/// <param name="Problems">What could not be removed, and why; the next recovery tries again.</param>
public sealed record RecoveredRun(RunRecord Run, IReadOnlyList<string> Removed, IReadOnlyList<string> Problems);
