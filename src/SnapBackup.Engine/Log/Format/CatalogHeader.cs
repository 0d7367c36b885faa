using System.Buffers.Binary;
using SnapBackup.Blocks;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// The head of a catalog: what the device is keeping. Little-endian; the points follow it. Every log has the catalog in two slots
/// that are written in turn; the valid one with the highest generation of all logs counts.
/// <code>
/// offset size
///      0    8  magic "SNAPCAT\n"
///      8   16  set id, as in the superblock
///     24    8  generation, from 1
///     32    8  current epoch; every start makes a new one, also one that failed
///     40    8  changes from: segments with a lower sequence number are not needed for the change map any more
///     48    2  how many points follow, 136 bytes each
///     50    2  how many logs the set has
///     52    4  flags: 1 volatile (the log is not flushed), 2 attached (the source may be written at any time)
///     56   16  the point that the source is being rolled back to; zeros when none is
///     72   32  stamp of the source when it was let go or, while it is attached, when it was attached
///    104   64  failed logs, a bit each: what is on them is not to be believed
///    168   24  the open segment of versions, <see cref="SegmentTail"/>; zeros for none
///    192   24  the open segment of changes, likewise
///    216   32  the segment of this log that was used last, <see cref="SegmentLink"/>; here the catalogs of the logs differ
///    248   16  id of the log that was added last while the device was in use, which its first catalog has too; zeros for none
///    264  240  zero
///    504    8  checksum of header and points, this field taken as zero
/// </code>
/// </summary>
internal readonly record struct CatalogHeader
{
    public const int Size = LogLayout.Sector;
    public const int FailedLogsSize = 64;

    /// <summary>How many points fit into a slot.</summary>
    public const int MostPoints = (LogLayout.CatalogSlotSize - Size) / CatalogPoint.Size;

    private const ulong MagicValue = 0x0A54_4143_5041_4E53; // "SNAPCAT\n"
    private const uint VolatileFlag = 1;
    private const uint AttachedFlag = 2;
    private const int MagicAt = 0;
    private const int SetIdAt = MagicAt + sizeof(ulong);
    private const int GenerationAt = SetIdAt + 16;
    private const int EpochAt = GenerationAt + sizeof(ulong);
    private const int ChangesFromAt = EpochAt + sizeof(long);
    private const int PointCountAt = ChangesFromAt + sizeof(long);
    private const int LogCountAt = PointCountAt + sizeof(ushort);
    private const int FlagsAt = LogCountAt + sizeof(ushort);
    private const int RollbackAt = FlagsAt + sizeof(uint);
    private const int StampAt = RollbackAt + 16;
    private const int FailedLogsAt = StampAt + DeviceStamp.Size;
    private const int VersionsTailAt = FailedLogsAt + FailedLogsSize;
    private const int ChangesTailAt = VersionsTailAt + SegmentTail.Size;
    private const int LastUsedAt = ChangesTailAt + SegmentTail.Size;
    private const int LastAddedAt = LastUsedAt + SegmentLink.Size;
    private const int ChecksumAt = Size - Checksum.Size;

    public required Guid SetId { get; init; }

    public required ulong Generation { get; init; }

    public required long Epoch { get; init; }

    public required long ChangesFrom { get; init; }

    public required ushort PointCount { get; init; }

    public required ushort LogCount { get; init; }

    public required bool IsVolatile { get; init; }

    public required bool IsAttached { get; init; }

    public required Guid RollbackTarget { get; init; }

    public required DeviceStamp Stamp { get; init; }

    public required SegmentTail VersionsTail { get; init; }

    public required SegmentTail ChangesTail { get; init; }

    public required SegmentLink LastUsed { get; init; }

    public required Guid LastAdded { get; init; }

    /// <summary>The bytes that header and points take.</summary>
    public static int SizeWith(int points) => Size + (points * CatalogPoint.Size);

    /// <summary>Reads a header with its points behind it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out CatalogHeader header)
    {
        header = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(bytes[MagicAt..]) != MagicValue)
            return false;
        var points = BinaryPrimitives.ReadUInt16LittleEndian(bytes[PointCountAt..]);
        if (points > MostPoints || bytes.Length < SizeWith(points) || !Checksum.IsSealed(bytes[..SizeWith(points)], ChecksumAt))
            return false;
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FlagsAt..]);
        DeviceStamp.TryRead(bytes[StampAt..], out var stamp);
        header = new CatalogHeader
        {
            SetId = new Guid(bytes.Slice(SetIdAt, 16)),
            Generation = BinaryPrimitives.ReadUInt64LittleEndian(bytes[GenerationAt..]),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(bytes[EpochAt..]),
            ChangesFrom = BinaryPrimitives.ReadInt64LittleEndian(bytes[ChangesFromAt..]),
            PointCount = points,
            LogCount = BinaryPrimitives.ReadUInt16LittleEndian(bytes[LogCountAt..]),
            IsVolatile = (flags & VolatileFlag) != 0,
            IsAttached = (flags & AttachedFlag) != 0,
            RollbackTarget = new Guid(bytes.Slice(RollbackAt, 16)),
            Stamp = stamp,
            VersionsTail = SegmentTail.Read(bytes[VersionsTailAt..]),
            ChangesTail = SegmentTail.Read(bytes[ChangesTailAt..]),
            LastUsed = SegmentLink.Read(bytes[LastUsedAt..]),
            LastAdded = new Guid(bytes.Slice(LastAddedAt, 16)),
        };
        return true;
    }

    /// <summary>The bitmap of failed logs within a header's bytes.</summary>
    public static Span<byte> FailedLogs(Span<byte> bytes) => bytes.Slice(FailedLogsAt, FailedLogsSize);

    /// <inheritdoc cref="FailedLogs(Span{byte})"/>
    public static ReadOnlySpan<byte> FailedLogs(ReadOnlySpan<byte> bytes) => bytes.Slice(FailedLogsAt, FailedLogsSize);

    /// <summary>Writes the header before points and failed logs that stand in their places already, and seals the whole.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..SizeWith(PointCount)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[MagicAt..], MagicValue);
        SetId.TryWriteBytes(bytes[SetIdAt..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[GenerationAt..], Generation);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[ChangesFromAt..], ChangesFrom);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[PointCountAt..], PointCount);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[LogCountAt..], LogCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[FlagsAt..], (IsVolatile ? VolatileFlag : 0) | (IsAttached ? AttachedFlag : 0));
        RollbackTarget.TryWriteBytes(bytes[RollbackAt..]);
        Stamp.Write(bytes[StampAt..]);
        VersionsTail.Write(bytes[VersionsTailAt..]);
        ChangesTail.Write(bytes[ChangesTailAt..]);
        LastUsed.Write(bytes[LastUsedAt..]);
        LastAdded.TryWriteBytes(bytes[LastAddedAt..]);
        Checksum.Seal(bytes, ChecksumAt);
    }
}
