using System.Buffers.Binary;

namespace SnapBackup.Archive.Format;

/// <summary>
/// One frame of the file in the seek table (Zstandard Seekable Format 0.1.0, Seek_Table_Entries without checksum). The sum of the
/// compressed sizes before it is where the frame starts. Little-endian.
/// <code>
/// offset  size  field
///      0     4  compressed size: all bytes of the frame, with its header
///      4     4  decompressed size: bytes of the image; 0 for a skippable frame
/// </code>
/// </summary>
internal readonly record struct SeekTableEntry(uint CompressedSize, uint DecompressedSize)
{
    public const int Size = DecompressedSizeOffset + sizeof(uint);

    private const int CompressedSizeOffset = 0;
    private const int DecompressedSizeOffset = CompressedSizeOffset + sizeof(uint);

    public static SeekTableEntry Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source[CompressedSizeOffset..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[DecompressedSizeOffset..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target[CompressedSizeOffset..], CompressedSize);
        BinaryPrimitives.WriteUInt32LittleEndian(target[DecompressedSizeOffset..], DecompressedSize);
    }
}
