using System.Diagnostics;

namespace SnapBackup.Engine.Index;

/// <summary>
/// A block and its preserved version in two words, each of which can be published with one store.
/// <code>
/// word   bits  what
/// First    16  low half of the checksum
///          48  block number plus one, so that a word of zeros is "empty"
/// Second    2  kind
///           9  log
///          37  offset in units of 4 KiB
///          16  high half of the checksum
/// </code>
/// 48 bits of 4 KiB blocks are an exbibyte; 37 bits of 4 KiB units are 512 TiB a log.
/// </summary>
internal struct IndexEntry(long block, PreservedVersion version)
{
    public const int Size = 2 * sizeof(ulong);

    public const long LargestBlock = (1L << 48) - 2;

    private const int BlockShift = 16;
    private const int LogShift = 2;
    private const int LogBits = 9;
    private const int UnitShift = LogShift + LogBits;
    private const int UnitBits = 37;
    private const int ChecksumShift = UnitShift + UnitBits;
    private const int OffsetUnitBits = 12;

    public ulong First = FirstOf(block, version);

    public ulong Second = SecondOf(version);

    /// <summary>The block a first word names; -1 when it is empty.</summary>
    public static long BlockOf(ulong first) => (long)(first >> BlockShift) - 1;

    public static PreservedVersion VersionOf(ulong first, ulong second) => new(
        (PreservedKind)(second & ((1 << LogShift) - 1)),
        (int)((second >> LogShift) & ((1 << LogBits) - 1)),
        (long)((second >> UnitShift) & ((1UL << UnitBits) - 1)) << OffsetUnitBits,
        ((uint)(second >> ChecksumShift) << 16) | (ushort)first);

    private static ulong FirstOf(long block, PreservedVersion version)
    {
        Debug.Assert(block is >= 0 and <= LargestBlock, "a block number of 48 bits");
        return ((ulong)(block + 1) << BlockShift) | (ushort)version.Checksum;
    }

    private static ulong SecondOf(PreservedVersion version)
    {
        Debug.Assert(version.Log is >= 0 and < 1 << LogBits, "one of 512 logs");
        Debug.Assert(
            version.Offset is >= 0 and < 1L << (UnitBits + OffsetUnitBits) && version.Offset % (1 << OffsetUnitBits) == 0,
            "a multiple of 4096 below 512 TiB");
        return (ulong)version.Kind
            | ((ulong)version.Log << LogShift)
            | ((ulong)(version.Offset >> OffsetUnitBits) << UnitShift)
            | ((ulong)(version.Checksum >> 16) << ChecksumShift);
    }
}
