namespace SnapBackup.Archive;

/// <summary>What reading every byte of an archive has shown.</summary>
/// <param name="BytesVerified">Bytes of the image that are what was archived.</param>
/// <param name="Damaged">The others, in the image's order.</param>
public sealed record ArchiveVerification(long BytesVerified, IReadOnlyList<DamagedFrame> Damaged)
{
    /// <summary>Whether the whole image is there.</summary>
    public bool IsIntact => Damaged.Count == 0;
}
