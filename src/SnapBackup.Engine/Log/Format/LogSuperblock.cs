using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// What a log is and what it belongs to. Little-endian; the rest of the 512 bytes is zero and covered by the checksum. It is one
/// sector, so it is never torn. Two slots of 4096 bytes are written in turn; the valid one with the higher generation counts.
/// <code>
/// offset size
///      0    8  magic "SNAPLOG\n"
///      8    4  format version
///     12    4  block size in bytes
///     16   16  set id: one for all logs of a device, new at each set-up
///     32    2  number of this log within the set, from 0
///     34    2  zero
///     36    4  segment size in bytes
///     40    8  how many segments; more after the log has grown
///     48    8  size of the source in bytes
///     56    8  generation of this superblock, from 1; 0 while the log is being set up and holds nothing yet
///     64    4  change granularity in bytes: the unit of the change map
///     68    4  flags: 1 volatile (the log is not flushed, so a crash may leave it without a catalog)
///     72    8  checksum of the sector, this field taken as zero
/// </code>
/// </summary>
internal readonly record struct LogSuperblock
{
    public const int Size = LogLayout.Sector;
    public const uint CurrentVersion = 2;

    private const uint VolatileFlag = 1;
    private const ulong MagicValue = 0x0A47_4F4C_5041_4E53; // "SNAPLOG\n"
    private const int MagicAt = 0;
    private const int VersionAt = MagicAt + sizeof(ulong);
    private const int BlockSizeAt = VersionAt + sizeof(uint);
    private const int SetIdAt = BlockSizeAt + sizeof(int);
    private const int LogNumberAt = SetIdAt + 16;
    private const int SegmentSizeAt = LogNumberAt + sizeof(uint);
    private const int SegmentCountAt = SegmentSizeAt + sizeof(int);
    private const int SourceSizeAt = SegmentCountAt + sizeof(long);
    private const int GenerationAt = SourceSizeAt + sizeof(long);
    private const int ChangeGranularityAt = GenerationAt + sizeof(ulong);
    private const int FlagsAt = ChangeGranularityAt + sizeof(int);
    private const int ChecksumAt = FlagsAt + sizeof(uint);

    public required uint Version { get; init; }

    public required int BlockSize { get; init; }

    public required Guid SetId { get; init; }

    public required ushort LogNumber { get; init; }

    public required int SegmentSize { get; init; }

    public required long SegmentCount { get; init; }

    public required long SourceSize { get; init; }

    public required ulong Generation { get; init; }

    public required int ChangeGranularity { get; init; }

    public bool IsVolatile { get; init; }

    /// <summary>Whether the log is being set up and holds nothing yet.</summary>
    public bool IsOfUnfinishedSetUp => Generation == 0;

    /// <summary>Whether this program can read the log that the superblock belongs to.</summary>
    public bool IsCurrent => Version == CurrentVersion;

    /// <summary>Reads a slot. Of a version that is not ours nothing but the version is to be believed.</summary>
    /// <returns>Whether a superblock stands there: of another version, or of ours with a good checksum.</returns>
    public static bool TryRead(ReadOnlySpan<byte> slot, out LogSuperblock superblock)
    {
        superblock = default;
        if (slot.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(slot[MagicAt..]) != MagicValue)
            return false;
        var version = BinaryPrimitives.ReadUInt32LittleEndian(slot[VersionAt..]);
        if (version == 0 || (version == CurrentVersion && !Checksum.IsSealed(slot[..Size], ChecksumAt)))
            return false;
        superblock = new LogSuperblock
        {
            Version = version,
            BlockSize = BinaryPrimitives.ReadInt32LittleEndian(slot[BlockSizeAt..]),
            SetId = new Guid(slot.Slice(SetIdAt, 16)),
            LogNumber = BinaryPrimitives.ReadUInt16LittleEndian(slot[LogNumberAt..]),
            SegmentSize = BinaryPrimitives.ReadInt32LittleEndian(slot[SegmentSizeAt..]),
            SegmentCount = BinaryPrimitives.ReadInt64LittleEndian(slot[SegmentCountAt..]),
            SourceSize = BinaryPrimitives.ReadInt64LittleEndian(slot[SourceSizeAt..]),
            Generation = BinaryPrimitives.ReadUInt64LittleEndian(slot[GenerationAt..]),
            ChangeGranularity = BinaryPrimitives.ReadInt32LittleEndian(slot[ChangeGranularityAt..]),
            IsVolatile = (BinaryPrimitives.ReadUInt32LittleEndian(slot[FlagsAt..]) & VolatileFlag) != 0,
        };
        return true;
    }

    /// <summary>Fills a sector.</summary>
    public void Write(Span<byte> slot)
    {
        slot = slot[..Size];
        slot.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(slot[MagicAt..], MagicValue);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[VersionAt..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(slot[BlockSizeAt..], BlockSize);
        SetId.TryWriteBytes(slot[SetIdAt..]);
        BinaryPrimitives.WriteUInt16LittleEndian(slot[LogNumberAt..], LogNumber);
        BinaryPrimitives.WriteInt32LittleEndian(slot[SegmentSizeAt..], SegmentSize);
        BinaryPrimitives.WriteInt64LittleEndian(slot[SegmentCountAt..], SegmentCount);
        BinaryPrimitives.WriteInt64LittleEndian(slot[SourceSizeAt..], SourceSize);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[GenerationAt..], Generation);
        BinaryPrimitives.WriteInt32LittleEndian(slot[ChangeGranularityAt..], ChangeGranularity);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[FlagsAt..], IsVolatile ? VolatileFlag : 0);
        Checksum.Seal(slot, ChecksumAt);
    }
}
