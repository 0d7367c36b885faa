using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The first bytes on a connection, from the server (fixed newstyle).</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  "NBDMAGIC"
///      8     8  "IHAVEOPT"
///     16     2  handshake flags
/// </code>
/// </remarks>
internal readonly record struct ServerHello(HandshakeFlags Flags)
{
    public const int Size = FlagsOffset + sizeof(ushort);

    private const ulong Magic = 0x4e42_444d_4147_4943;

    private const int MagicOffset = 0;
    private const int OptionMagicOffset = MagicOffset + sizeof(ulong);
    private const int FlagsOffset = OptionMagicOffset + sizeof(ulong);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt64BigEndian(destination[OptionMagicOffset..], OptionHeader.Magic);
        BinaryPrimitives.WriteUInt16BigEndian(destination[FlagsOffset..], (ushort)Flags);
    }
}
