using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// What a log says of itself. Little-endian; the rest of the 4096 bytes of a slot is zero and covered by the checksum.
/// Two slots are written in turn, so that a torn write leaves the other; the valid one with the higher generation counts.
/// <code>
/// offset size
///      0    8  magic "SNAPLOG\n"
///      8    4  format version
///     12    4  block size in bytes
///     16   16  set id: one for all logs of a device, new at each set-up
///     32    2  number of this log within the set, from 0
///     34    2  how many logs the set had when this was written
///     36    4  segment size in bytes
///     40    8  how many segments
///     48    8  size of the source in bytes
///     56    8  generation of this superblock, from 1
///     64    8  checksum of the slot, this field taken as zero
/// </code>
/// </summary>
internal readonly record struct LogSuperblock
{
    public const int Size = LogLayout.Alignment;
    public const uint CurrentVersion = 1;

    private const ulong MagicValue = 0x0A47_4F4C_5041_4E53; // "SNAPLOG\n"
    private const int MagicAt = 0;
    private const int VersionAt = MagicAt + sizeof(ulong);
    private const int BlockSizeAt = VersionAt + sizeof(uint);
    private const int SetIdAt = BlockSizeAt + sizeof(int);
    private const int LogNumberAt = SetIdAt + 16;
    private const int LogCountAt = LogNumberAt + sizeof(ushort);
    private const int SegmentSizeAt = LogCountAt + sizeof(ushort);
    private const int SegmentCountAt = SegmentSizeAt + sizeof(int);
    private const int SourceSizeAt = SegmentCountAt + sizeof(long);
    private const int GenerationAt = SourceSizeAt + sizeof(long);
    private const int ChecksumAt = GenerationAt + sizeof(ulong);

    public required uint Version { get; init; }

    public required int BlockSize { get; init; }

    public required Guid SetId { get; init; }

    public required ushort LogNumber { get; init; }

    public required ushort LogCount { get; init; }

    public required int SegmentSize { get; init; }

    public required long SegmentCount { get; init; }

    public required long SourceSize { get; init; }

    public required ulong Generation { get; init; }

    /// <summary>Reads a slot. Of a version that is not ours nothing else is to be believed.</summary>
    /// <returns>Whether a superblock stands there: of a newer version, or of ours with a good checksum.</returns>
    public static bool TryRead(ReadOnlySpan<byte> slot, out LogSuperblock superblock)
    {
        superblock = default;
        if (slot.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(slot[MagicAt..]) != MagicValue)
            return false;
        var version = BinaryPrimitives.ReadUInt32LittleEndian(slot[VersionAt..]);
        if (version < CurrentVersion || (version == CurrentVersion && !Checksum.IsSealed(slot[..Size], ChecksumAt)))
            return false;
        superblock = new LogSuperblock
        {
            Version = version,
            BlockSize = BinaryPrimitives.ReadInt32LittleEndian(slot[BlockSizeAt..]),
            SetId = new Guid(slot.Slice(SetIdAt, 16)),
            LogNumber = BinaryPrimitives.ReadUInt16LittleEndian(slot[LogNumberAt..]),
            LogCount = BinaryPrimitives.ReadUInt16LittleEndian(slot[LogCountAt..]),
            SegmentSize = BinaryPrimitives.ReadInt32LittleEndian(slot[SegmentSizeAt..]),
            SegmentCount = BinaryPrimitives.ReadInt64LittleEndian(slot[SegmentCountAt..]),
            SourceSize = BinaryPrimitives.ReadInt64LittleEndian(slot[SourceSizeAt..]),
            Generation = BinaryPrimitives.ReadUInt64LittleEndian(slot[GenerationAt..]),
        };
        return true;
    }

    /// <summary>Fills a whole slot.</summary>
    public void Write(Span<byte> slot)
    {
        slot = slot[..Size];
        slot.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(slot[MagicAt..], MagicValue);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[VersionAt..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(slot[BlockSizeAt..], BlockSize);
        SetId.TryWriteBytes(slot[SetIdAt..]);
        BinaryPrimitives.WriteUInt16LittleEndian(slot[LogNumberAt..], LogNumber);
        BinaryPrimitives.WriteUInt16LittleEndian(slot[LogCountAt..], LogCount);
        BinaryPrimitives.WriteInt32LittleEndian(slot[SegmentSizeAt..], SegmentSize);
        BinaryPrimitives.WriteInt64LittleEndian(slot[SegmentCountAt..], SegmentCount);
        BinaryPrimitives.WriteInt64LittleEndian(slot[SourceSizeAt..], SourceSize);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[GenerationAt..], Generation);
        Checksum.Seal(slot, ChecksumAt);
    }
}
