namespace SnapBackup.Engine.Index;

/// <summary>What a block held before its first overwrite within an epoch, and where that is.</summary>
/// <param name="Kind">What was preserved.</param>
/// <param name="Log">The number of the log that holds the data.</param>
/// <param name="Offset">The data's place on that log in bytes, a multiple of 4096.</param>
/// <param name="Checksum">The low half of the data's checksum, so that a read need not fetch the record.</param>
internal readonly record struct PreservedVersion(PreservedKind Kind, int Log, long Offset, uint Checksum);
