using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// The head of a commit group: the blocks that one flush makes durable. Little-endian. The records follow it, then
/// zeros to a multiple of 4096, then the data of the records that have data, one block after the other.
/// <code>
/// offset size
///      0    8  magic "SNAPGRP\n"
///      8    8  sequence number of the segment it stands in
///     16    8  number of the group within the set, ascending
///     24    4  how many records
///     28    4  how many blocks of data
///     32    8  epoch that owns the segment, and
///     40    4  class of the segment: a segment that lost its header is known by its first group
///     44    4  zero
///     48    8  checksum of header, records and padding, this field taken as zero; salted with set id and sequence number
///     56   24 × records   <see cref="BlockRecord"/>
/// </code>
/// A group is whole when its header's checksum and every record's data checksum hold; else it is torn and did not happen.
/// </summary>
internal readonly record struct GroupHeader
{
    public const int Size = RecordsAt;

    private const ulong MagicValue = 0x0A50_5247_5041_4E53; // "SNAPGRP\n"
    private const int MagicAt = 0;
    private const int SegmentSequenceAt = MagicAt + sizeof(ulong);
    private const int NumberAt = SegmentSequenceAt + sizeof(long);
    private const int RecordCountAt = NumberAt + sizeof(long);
    private const int DataBlocksAt = RecordCountAt + sizeof(int);
    private const int EpochAt = DataBlocksAt + sizeof(int);
    private const int ClassAt = EpochAt + sizeof(long);
    private const int ChecksumAt = ClassAt + sizeof(ulong);
    private const int RecordsAt = ChecksumAt + Checksum.Size;

    public required long SegmentSequence { get; init; }

    public required long Number { get; init; }

    public required int RecordCount { get; init; }

    public required int DataBlocks { get; init; }

    public required long Epoch { get; init; }

    public required SegmentClass Class { get; init; }

    /// <summary>The bytes that header, records and padding take.</summary>
    public static int SizeWith(int records) => (int)LogLayout.AlignUp(Size + ((long)records * BlockRecord.Size));

    /// <summary>Reads a header with its records behind it.</summary>
    /// <param name="bytes">From the header to at least the end of its padding.</param>
    /// <param name="salt">The salt of the segment's use, <see cref="Checksum.Salt"/>.</param>
    /// <param name="header">The header, when it is whole.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, long salt, out GroupHeader header)
    {
        header = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(bytes[MagicAt..]) != MagicValue)
            return false;
        var records = BinaryPrimitives.ReadInt32LittleEndian(bytes[RecordCountAt..]);
        var data = BinaryPrimitives.ReadInt32LittleEndian(bytes[DataBlocksAt..]);
        if (records < 1 || records > (bytes.Length - Size) / BlockRecord.Size || data < 0 || data > records)
            return false;
        var size = SizeWith(records);
        if (bytes.Length < size || !Checksum.IsSealed(bytes[..size], ChecksumAt, salt))
            return false;
        header = new GroupHeader
        {
            SegmentSequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[SegmentSequenceAt..]),
            Number = BinaryPrimitives.ReadInt64LittleEndian(bytes[NumberAt..]),
            RecordCount = records,
            DataBlocks = data,
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(bytes[EpochAt..]),
            Class = (SegmentClass)bytes[ClassAt],
        };
        return true;
    }

    /// <summary>Whether something that may be a header starts here.</summary>
    public static bool StartsAt(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[MagicAt..]) == MagicValue;

    /// <summary>Reads a header of which it is not known what segment it stands in: its own sequence number tells the salt.</summary>
    public static bool TryReadAnywhere(ReadOnlySpan<byte> bytes, Guid setId, out GroupHeader header)
    {
        header = default;
        return bytes.Length >= Size
            && TryRead(bytes, Checksum.Salt(setId, BinaryPrimitives.ReadInt64LittleEndian(bytes[SegmentSequenceAt..])), out header);
    }

    /// <summary>Writes the header around records that stand in their places already, and seals the whole.</summary>
    public void Write(Span<byte> bytes, long salt)
    {
        bytes = bytes[..SizeWith(RecordCount)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[MagicAt..], MagicValue);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SegmentSequenceAt..], SegmentSequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[NumberAt..], Number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[RecordCountAt..], RecordCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[DataBlocksAt..], DataBlocks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[ClassAt..], (byte)Class);
        bytes[(RecordsAt + (RecordCount * BlockRecord.Size))..].Clear();
        Checksum.Seal(bytes, ChecksumAt, salt);
    }
}
