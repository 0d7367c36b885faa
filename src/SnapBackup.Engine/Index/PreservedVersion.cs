namespace SnapBackup.Engine.Index;

/// <summary>What a block held before its first overwrite within an epoch, and where that is.</summary>
/// <param name="Kind">What was preserved.</param>
/// <param name="Log">The number of the log that holds the record and the data, 0..511.</param>
/// <param name="Offset">
/// A place on that log in bytes, a multiple of 4096 below 512 TiB: the data's, or, where there is no data, one in the segment in
/// which the record stands.
/// </param>
/// <param name="Checksum">The low half of the data's checksum, so that a read need not fetch the record.</param>
internal readonly record struct PreservedVersion(PreservedKind Kind, int Log, long Offset, uint Checksum);
