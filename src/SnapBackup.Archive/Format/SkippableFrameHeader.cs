using System.Buffers.Binary;

namespace SnapBackup.Archive.Format;

/// <summary>
/// What begins a frame that zstd decoders skip (RFC 8878, 3.1.2). Little-endian.
/// <code>
/// offset  size  field
///      0     4  magic number: 0x184D2A50 to 0x184D2A5F; which one says what the frame holds
///      4     4  length of what follows
/// </code>
/// </summary>
internal readonly record struct SkippableFrameHeader(uint Magic, uint Length)
{
    public const uint DigestTableMagic = 0x184D2A5A;
    public const uint ManifestMagic = 0x184D2A5B;
    public const uint SeekTableMagic = 0x184D2A5E;

    public const int Size = LengthOffset + sizeof(uint);

    private const int MagicOffset = 0;
    private const int LengthOffset = MagicOffset + sizeof(uint);

    public static SkippableFrameHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source[MagicOffset..]), BinaryPrimitives.ReadUInt32LittleEndian(source[LengthOffset..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[LengthOffset..], Length);
    }
}
