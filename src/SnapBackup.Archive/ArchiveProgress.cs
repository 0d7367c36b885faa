namespace SnapBackup.Archive;

/// <summary>How far an operation on an archive has come.</summary>
/// <param name="BytesDone">Bytes of the image that are done with; never falls.</param>
/// <param name="BytesTotal">Bytes of the image.</param>
/// <param name="BytesWritten">Bytes written to the archive, or by a restore to the target.</param>
public readonly record struct ArchiveProgress(long BytesDone, long BytesTotal, long BytesWritten);
