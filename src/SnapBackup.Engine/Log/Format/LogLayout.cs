namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// Where things are on a log. Two superblock slots, two catalog slots, then segments of one size to the end; what is left
/// over at the end is not used.
/// <code>
/// 0        superblock, slot 0
/// 4096     superblock, slot 1
/// 8192     catalog, slot 0
/// 40960    catalog, slot 1
/// 73728    segment 0: segment header, commit group, commit group, … summary
/// 73728 + n × segment size   segment n
/// </code>
/// </summary>
internal static class LogLayout
{
    /// <summary>Headers and data start at multiples of this, in bytes, so that no write shares a page or a sector with an older one.</summary>
    public const int Alignment = 4096;

    /// <summary>What every disk writes whole or not at all, in bytes. A structure of this size is never torn.</summary>
    public const int Sector = 512;

    public const int SuperblockSlots = 2;

    public const int CatalogSlots = 2;

    public const int CatalogSlotSize = 32 << 10;

    public const long CatalogOffset = SuperblockSlots * Alignment;

    public const long SegmentsOffset = CatalogOffset + (CatalogSlots * CatalogSlotSize);

    private const int SmallestSegment = 64 << 10;
    private const int LargestSegment = 16 << 20;
    private const int SegmentsWanted = 256;
    private const int BlocksASegment = 4;

    /// <summary>
    /// The smallest log for a block size, in bytes: its bookkeeping and about as much again in segments, at least one.
    /// </summary>
    public static long SmallestLog(int blockSize) => SegmentsOffset + SmallestSegmentFor(blockSize);

    /// <summary>
    /// The segment size for a log: large enough for a few commit groups, small enough that the log has some hundreds,
    /// so that ended snapshots give space back in small steps.
    /// </summary>
    public static int SegmentSize(long logSize, int blockSize)
    {
        long size = SmallestSegmentFor(blockSize);
        while (size < LargestSegment && (logSize - SegmentsOffset) / (2 * size) >= SegmentsWanted)
            size *= 2;
        return (int)size;
    }

    public static long AlignUp(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static int SmallestSegmentFor(int blockSize) => Math.Max(SmallestSegment, BlocksASegment * blockSize);
}
