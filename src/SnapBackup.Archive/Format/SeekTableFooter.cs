using System.Buffers.Binary;

namespace SnapBackup.Archive.Format;

/// <summary>
/// The last bytes of the file (Zstandard Seekable Format 0.1.0, Seek_Table_Footer). Little-endian.
/// <code>
/// offset  size  field
///      0     4  number of entries
///      4     1  descriptor; 0 in our archives: no checksums, nothing reserved is used
///      5     4  magic number 0x8F92EAB1
/// </code>
/// </summary>
internal readonly record struct SeekTableFooter(uint EntryCount, byte Descriptor)
{
    public const int Size = MagicOffset + sizeof(uint);

    private const uint Magic = 0x8F92EAB1;

    private const int EntryCountOffset = 0;
    private const int DescriptorOffset = EntryCountOffset + sizeof(uint);
    private const int MagicOffset = DescriptorOffset + sizeof(byte);

    /// <returns>Whether the magic number is there.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out SeekTableFooter footer)
    {
        footer = new SeekTableFooter(BinaryPrimitives.ReadUInt32LittleEndian(source[EntryCountOffset..]), source[DescriptorOffset]);
        return BinaryPrimitives.ReadUInt32LittleEndian(source[MagicOffset..]) == Magic;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target[EntryCountOffset..], EntryCount);
        target[DescriptorOffset] = Descriptor;
        BinaryPrimitives.WriteUInt32LittleEndian(target[MagicOffset..], Magic);
    }
}
