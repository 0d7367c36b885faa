namespace SnapBackup.Engine.Log.Format;

/// <summary>How far the open segment of a class was filled when a catalog was written: so much of it is durable.</summary>
/// <param name="Sequence">The sequence number of the segment; 0 when none was open.</param>
/// <param name="Filled">How far it was filled, in bytes.</param>
internal readonly record struct SegmentTail(long Sequence, long Filled);
