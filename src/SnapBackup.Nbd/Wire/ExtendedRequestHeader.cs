using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>
/// The head of a request once EXTENDED_HEADERS was negotiated. With the flag PAYLOAD_LEN the length is that of the payload which follows, for
/// every command; a WRITE has one in any case.
/// </summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  magic 0x21e41c71
///      4     2  command flags
///      6     2  command
///      8     8  cookie, echoed in the reply
///     16     8  offset in the export, echoed in the reply
///     24     8  length
/// </code>
/// </remarks>
internal static class ExtendedRequestHeader
{
    public const int Size = LengthOffset + sizeof(ulong);

    private const uint Magic = 0x21e4_1c71;

    private const int MagicOffset = 0;
    private const int FlagsOffset = MagicOffset + sizeof(uint);
    private const int CommandOffset = FlagsOffset + sizeof(ushort);
    private const int CookieOffset = CommandOffset + sizeof(ushort);
    private const int OffsetOffset = CookieOffset + sizeof(ulong);
    private const int LengthOffset = OffsetOffset + sizeof(ulong);

    /// <summary>False when the bytes are too few or do not begin with the magic.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Request request)
    {
        request = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32BigEndian(source) != Magic)
            return false;
        var flags = (CommandFlags)BinaryPrimitives.ReadUInt16BigEndian(source[FlagsOffset..]);
        var command = (Command)BinaryPrimitives.ReadUInt16BigEndian(source[CommandOffset..]);
        request = new Request(
            flags,
            command,
            BinaryPrimitives.ReadUInt64BigEndian(source[CookieOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[OffsetOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[LengthOffset..]),
            HasPayload: command == Command.Write || flags.HasFlag(CommandFlags.PayloadLength));
        return true;
    }
}
