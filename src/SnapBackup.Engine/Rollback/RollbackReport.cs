namespace SnapBackup.Engine;

/// <summary>What a rollback has done.</summary>
/// <param name="BytesWritten">How many bytes of the source were written back.</param>
/// <param name="NotRestored">
/// What the snapshot does not have, because the source could not be read when it was to be preserved: it holds what it held before the
/// rollback. Empty unless the rollback was forced.
/// </param>
public sealed record RollbackReport(long BytesWritten, IReadOnlyList<ChangedRange> NotRestored);
