using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>NBD_INFO_BLOCK_SIZE: which requests an export takes.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     2  information type 3
///      2     4  minimum block size
///      6     4  preferred block size
///     10     4  maximum payload of a READ or WRITE
/// </code>
/// </remarks>
internal readonly record struct BlockSizeInfo(uint Minimum, uint Preferred, uint MaxPayload)
{
    public const int Size = MaxPayloadOffset + sizeof(uint);

    private const int TypeOffset = 0;
    private const int MinimumOffset = TypeOffset + sizeof(ushort);
    private const int PreferredOffset = MinimumOffset + sizeof(uint);
    private const int MaxPayloadOffset = PreferredOffset + sizeof(uint);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[TypeOffset..], (ushort)InfoType.BlockSize);
        BinaryPrimitives.WriteUInt32BigEndian(destination[MinimumOffset..], Minimum);
        BinaryPrimitives.WriteUInt32BigEndian(destination[PreferredOffset..], Preferred);
        BinaryPrimitives.WriteUInt32BigEndian(destination[MaxPayloadOffset..], MaxPayload);
    }
}
