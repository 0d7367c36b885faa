using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// One record of a commit group. Little-endian.
/// <code>
/// offset size
///      0    8  number of the block on the source; of a change page, the number of the page
///      8    8  checksum of its data; 0 without data
///     16    4  where its data stands, in units of 4096 bytes from the start of the segment; 0 without data
///     20    1  kind: 0 data, 1 zero, 2 unreadable, 3 changed, 4 change page
///     21    3  zero
/// </code>
/// </summary>
internal readonly record struct BlockRecord
{
    public const int Size = KindAt + sizeof(uint);

    private const int BlockAt = 0;
    private const int ChecksumAt = BlockAt + sizeof(long);
    private const int DataUnitAt = ChecksumAt + Checksum.Size;
    private const int KindAt = DataUnitAt + sizeof(int);

    public required long Block { get; init; }

    public required RecordKind Kind { get; init; }

    public ulong DataChecksum { get; init; }

    public int DataUnit { get; init; }

    public bool HasData => Kind is RecordKind.Data or RecordKind.ChangePage;

    /// <summary>Whether it says what a block held.</summary>
    public bool IsVersion => Kind <= RecordKind.Unreadable;

    /// <summary>Where its data stands, in bytes from the start of the segment.</summary>
    public long DataOffset => (long)DataUnit * LogLayout.Alignment;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlockRecord record)
    {
        record = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes[KindAt..]) > (uint)RecordKind.ChangePage)
            return false;
        record = new BlockRecord
        {
            Block = BinaryPrimitives.ReadInt64LittleEndian(bytes[BlockAt..]),
            DataChecksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes[ChecksumAt..]),
            DataUnit = BinaryPrimitives.ReadInt32LittleEndian(bytes[DataUnitAt..]),
            Kind = (RecordKind)bytes[KindAt],
        };
        return record.Block >= 0 && record.DataUnit >= 0;
    }

    /// <summary>Reads records that stand one after the other.</summary>
    /// <returns>Whether all could be read; if not, those before the first that could not were added.</returns>
    public static bool TryReadAll(ReadOnlySpan<byte> bytes, int count, List<BlockRecord> records)
    {
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(bytes[(i * Size)..], out var record))
                return false;
            records.Add(record);
        }

        return true;
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes[BlockAt..], Block);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[ChecksumAt..], DataChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[DataUnitAt..], DataUnit);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[KindAt..], (uint)Kind);
    }
}
