namespace SnapBackup.Engine.Rollback;

/// <summary>A part of the source that is written back with one request.</summary>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Length">How long it is, in bytes; if it is not zero, no longer than <see cref="RollbackPlan.LargestRequest"/>.</param>
/// <param name="IsZero">Whether the snapshot holds nothing but zeros there.</param>
internal readonly record struct RollbackPiece(long Offset, long Length, bool IsZero);
