using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// The first 4096 bytes of a segment that is in use: who owns it. Little-endian; the rest is zero and covered by the
/// checksum. It is written together with the segment's first commit group, in one write.
/// <code>
/// offset size
///      0    8  magic "SNAPSEG\n"
///      8   16  set id, as in the superblock
///     24    8  epoch that owns the segment
///     32    8  sequence number of the segment within the set; a recycled segment gets a new one
///     40    8  checksum of the header, this field taken as zero
/// </code>
/// </summary>
internal readonly struct SegmentHeader
{
    public const int Size = LogLayout.Alignment;

    private const ulong MagicValue = 0x0A47_4553_5041_4E53; // "SNAPSEG\n"
    private const int MagicAt = 0;
    private const int SetIdAt = MagicAt + sizeof(ulong);
    private const int EpochAt = SetIdAt + 16;
    private const int SequenceAt = EpochAt + sizeof(long);
    private const int ChecksumAt = SequenceAt + sizeof(long);

    public required Guid SetId { get; init; }

    public required long Epoch { get; init; }

    public required long Sequence { get; init; }

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
        };
        return true;
    }

    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[MagicAt..], MagicValue);
        SetId.TryWriteBytes(bytes[SetIdAt..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceAt..], Sequence);
        Checksum.Seal(bytes, ChecksumAt);
    }
}
