using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// The end of a segment that is closed: all its records once more, so that opening the log reads them at one place. Little-endian.
/// The records end where this trailer starts, and the trailer ends with the segment. It is written after all of the segment's
/// groups are durable, and nothing is appended to a segment that has one; a segment without one is read group by group.
/// <code>
/// offset size    from the start of the trailer, 64 bytes before the end of the segment
///      0    8  magic "SNAPSUM\n"
///      8    8  sequence number of the segment
///     16    8  number of the segment's last group
///     24    4  how many records stand before the trailer, 24 bytes each
///     28    4  how far the segment is filled with groups, in bytes
///     32   24  zero
///     56    8  checksum of records and trailer, this field taken as zero; salted with set id and sequence number
/// </code>
/// </summary>
internal readonly record struct SegmentSummary
{
    /// <summary>The size of the trailer in bytes.</summary>
    public const int Size = ChecksumAt + Checksum.Size;

    private const ulong MagicValue = 0x0A4D_5553_5041_4E53; // "SNAPSUM\n"
    private const int MagicAt = 0;
    private const int SequenceAt = MagicAt + sizeof(ulong);
    private const int LastGroupAt = SequenceAt + sizeof(long);
    private const int RecordCountAt = LastGroupAt + sizeof(long);
    private const int FilledAt = RecordCountAt + sizeof(int);
    private const int ChecksumAt = FilledAt + sizeof(int) + 24;

    public required long SegmentSequence { get; init; }

    public required long LastGroup { get; init; }

    public required int RecordCount { get; init; }

    public required int Filled { get; init; }

    /// <summary>What records and trailer take at the end of a segment, in bytes, rounded up to whole pages.</summary>
    public static int SizeWith(int records) => (int)LogLayout.AlignUp(Size + ((long)records * BlockRecord.Size));

    /// <summary>Reads the trailer alone, to know how much stands before it. Nothing is verified but its shape.</summary>
    public static bool TryReadTrailer(ReadOnlySpan<byte> trailer, out SegmentSummary summary)
    {
        summary = default;
        if (trailer.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(trailer[MagicAt..]) != MagicValue)
            return false;
        summary = new SegmentSummary
        {
            SegmentSequence = BinaryPrimitives.ReadInt64LittleEndian(trailer[SequenceAt..]),
            LastGroup = BinaryPrimitives.ReadInt64LittleEndian(trailer[LastGroupAt..]),
            RecordCount = BinaryPrimitives.ReadInt32LittleEndian(trailer[RecordCountAt..]),
            Filled = BinaryPrimitives.ReadInt32LittleEndian(trailer[FilledAt..]),
        };
        return summary is { RecordCount: > 0, Filled: > 0 };
    }

    /// <summary>Whether records and trailer, which end with <paramref name="bytes"/>, are as they were written.</summary>
    public bool IsWhole(ReadOnlySpan<byte> bytes, long salt)
    {
        var length = Size + ((long)RecordCount * BlockRecord.Size);
        return bytes.Length >= length && Checksum.IsSealed(bytes[^(int)length..], (int)length - Checksum.Size, salt);
    }

    /// <summary>Writes records and trailer to the end of <paramref name="bytes"/> and zeros before them.</summary>
    public void Write(Span<byte> bytes, ReadOnlySpan<BlockRecord> records, long salt)
    {
        var length = Size + (records.Length * BlockRecord.Size);
        bytes[..^length].Clear();
        bytes = bytes[^length..];
        for (var i = 0; i < records.Length; i++)
            records[i].Write(bytes[(i * BlockRecord.Size)..]);
        var trailer = bytes[^Size..];
        trailer.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[MagicAt..], MagicValue);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[SequenceAt..], SegmentSequence);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[LastGroupAt..], LastGroup);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[RecordCountAt..], RecordCount);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[FilledAt..], Filled);
        Checksum.Seal(bytes, length - Checksum.Size, salt);
    }
}
