using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The head of a request, from the client; the payload of a WRITE follows.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  magic 0x25609513
///      4     2  command flags
///      6     2  command
///      8     8  cookie, echoed in the reply
///     16     8  offset in the export
///     24     4  length
/// </code>
/// </remarks>
internal static class RequestHeader
{
    public const int Size = LengthOffset + sizeof(uint);

    private const uint Magic = 0x2560_9513;

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
        var command = (Command)BinaryPrimitives.ReadUInt16BigEndian(source[CommandOffset..]);
        request = new Request(
            (CommandFlags)BinaryPrimitives.ReadUInt16BigEndian(source[FlagsOffset..]),
            command,
            BinaryPrimitives.ReadUInt64BigEndian(source[CookieOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[OffsetOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[LengthOffset..]),
            HasPayload: command == Command.Write);
        return true;
    }
}
