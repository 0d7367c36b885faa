using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The head of a reply chunk once EXTENDED_HEADERS was negotiated; <see cref="Length"/> bytes follow.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  magic 0x6e8a278c
///      4     2  chunk flags
///      6     2  chunk type
///      8     8  the request's cookie
///     16     8  the request's offset
///     24     8  length of what follows
/// </code>
/// </remarks>
internal readonly record struct ExtendedChunkHeader(ChunkFlags Flags, ChunkType Type, ulong Cookie, ulong Offset, ulong Length)
{
    public const int Size = LengthOffset + sizeof(ulong);

    private const uint Magic = 0x6e8a_278c;

    private const int MagicOffset = 0;
    private const int FlagsOffset = MagicOffset + sizeof(uint);
    private const int TypeOffset = FlagsOffset + sizeof(ushort);
    private const int CookieOffset = TypeOffset + sizeof(ushort);
    private const int OffsetOffset = CookieOffset + sizeof(ulong);
    private const int LengthOffset = OffsetOffset + sizeof(ulong);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt16BigEndian(destination[FlagsOffset..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[TypeOffset..], (ushort)Type);
        BinaryPrimitives.WriteUInt64BigEndian(destination[CookieOffset..], Cookie);
        BinaryPrimitives.WriteUInt64BigEndian(destination[OffsetOffset..], Offset);
        BinaryPrimitives.WriteUInt64BigEndian(destination[LengthOffset..], Length);
    }
}
