namespace SnapBackup.Archive;

/// <summary>A frame as it stands in the file, and the digest of its content.</summary>
internal readonly record struct StoredFrame(ReadOnlyMemory<byte> Bytes, UInt128 Digest);
