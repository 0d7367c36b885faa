using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The head of the one chunk that answers a READ; <see cref="DataLength"/> bytes of data follow.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0    20  chunk header: done, type 1, length 8 + data
///     20     8  offset in the export
/// </code>
/// </remarks>
internal readonly record struct OffsetDataChunk(ulong Cookie, ulong Offset, uint DataLength)
{
    public const int Size = OffsetOffset + sizeof(ulong);

    private const int OffsetOffset = ChunkHeader.Size;

    public void Write(Span<byte> destination)
    {
        new ChunkHeader(ChunkFlags.Done, ChunkType.OffsetData, Cookie, sizeof(ulong) + DataLength).Write(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[OffsetOffset..], Offset);
    }
}
