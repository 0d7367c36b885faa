using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The head of a structured reply chunk; <see cref="Length"/> bytes follow.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  magic 0x668e33ef
///      4     2  chunk flags
///      6     2  chunk type
///      8     8  the request's cookie
///     16     4  length of what follows
/// </code>
/// </remarks>
internal readonly record struct ChunkHeader(ChunkFlags Flags, ChunkType Type, ulong Cookie, uint Length)
{
    public const int Size = LengthOffset + sizeof(uint);

    private const uint Magic = 0x668e_33ef;

    private const int MagicOffset = 0;
    private const int FlagsOffset = MagicOffset + sizeof(uint);
    private const int TypeOffset = FlagsOffset + sizeof(ushort);
    private const int CookieOffset = TypeOffset + sizeof(ushort);
    private const int LengthOffset = CookieOffset + sizeof(ulong);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt16BigEndian(destination[FlagsOffset..], (ushort)Flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[TypeOffset..], (ushort)Type);
        BinaryPrimitives.WriteUInt64BigEndian(destination[CookieOffset..], Cookie);
        BinaryPrimitives.WriteUInt32BigEndian(destination[LengthOffset..], Length);
    }
}
