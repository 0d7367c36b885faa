using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// The first sector of a segment that is or was in use: who owns it. Little-endian; the rest of the 512 bytes is zero and covered by
/// the checksum. It is one sector, so it is never torn; commit groups start 4096 bytes after it. It is written together with the
/// segment's first commit group, in one write.
/// <code>
/// offset size
///      0    8  magic "SNAPSEG\n"
///      8   16  set id, as in the superblock
///     24    8  epoch that owns the segment
///     32    8  sequence number of the segment within the set; a recycled segment gets a new one
///     40    4  class: 1 versions, 2 changes, 3 private, 4 free
///     44    4  zero
///     48   32  the segment of this log that was used before this one, <see cref="SegmentLink"/>
///     80    8  checksum of the sector, this field taken as zero
/// </code>
/// </summary>
internal readonly record struct SegmentHeader
{
    public const int Size = LogLayout.Sector;

    /// <summary>How far behind the segment's start its first commit group stands, in bytes.</summary>
    public const int Room = LogLayout.Alignment;

    private const ulong MagicValue = 0x0A47_4553_5041_4E53; // "SNAPSEG\n"
    private const int MagicAt = 0;
    private const int SetIdAt = MagicAt + sizeof(ulong);
    private const int EpochAt = SetIdAt + 16;
    private const int SequenceAt = EpochAt + sizeof(long);
    private const int ClassAt = SequenceAt + sizeof(long);
    private const int PreviousAt = ClassAt + sizeof(ulong);
    private const int ChecksumAt = PreviousAt + SegmentLink.Size;

    public required Guid SetId { get; init; }

    public required long Epoch { get; init; }

    public required long Sequence { get; init; }

    public required SegmentClass Class { get; init; }

    public required SegmentLink Previous { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < Size
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[MagicAt..]) != MagicValue
            || !Checksum.IsSealed(bytes[..Size], ChecksumAt))
        {
            return false;
        }

        header = new SegmentHeader
        {
            SetId = new Guid(bytes.Slice(SetIdAt, 16)),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(bytes[EpochAt..]),
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceAt..]),
            Class = (SegmentClass)bytes[ClassAt],
            Previous = SegmentLink.Read(bytes[PreviousAt..]),
        };
        return header.Class is >= SegmentClass.Versions and <= SegmentClass.Free;
    }

    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[MagicAt..], MagicValue);
        SetId.TryWriteBytes(bytes[SetIdAt..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceAt..], Sequence);
        bytes[ClassAt] = (byte)Class;
        Previous.Write(bytes[PreviousAt..]);
        Checksum.Seal(bytes, ChecksumAt);
    }
}
