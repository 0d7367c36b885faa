using System.Buffers.Binary;
using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// One preserved block of a commit group. Little-endian.
/// <code>
/// offset size
///      0    8  number of the block on the source
///      8    8  checksum of its data; 0 without data
///     16    4  which block of the group's data it is, from 0; 0 without data
///     20    1  kind: 0 data, 1 zero, 2 unreadable
///     21    3  zero
/// </code>
/// </summary>
internal readonly struct BlockRecord
{
    public const int Size = KindAt + sizeof(uint);

    private const int BlockAt = 0;
    private const int ChecksumAt = BlockAt + sizeof(long);
    private const int DataIndexAt = ChecksumAt + Checksum.Size;
    private const int KindAt = DataIndexAt + sizeof(int);

    public required long Block { get; init; }

    public required ulong DataChecksum { get; init; }

    public required int DataIndex { get; init; }

    public required PreservedKind Kind { get; init; }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlockRecord record)
    {
        record = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes[KindAt..]) > (uint)PreservedKind.Unreadable)
            return false;
        record = new BlockRecord
        {
            Block = BinaryPrimitives.ReadInt64LittleEndian(bytes[BlockAt..]),
            DataChecksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes[ChecksumAt..]),
            DataIndex = BinaryPrimitives.ReadInt32LittleEndian(bytes[DataIndexAt..]),
            Kind = (PreservedKind)bytes[KindAt],
        };
        return record.Block >= 0 && record.DataIndex >= 0;
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes[BlockAt..], Block);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[ChecksumAt..], DataChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[DataIndexAt..], DataIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[KindAt..], (uint)Kind);
    }
}
