using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>A request, from the client; a WRITE is followed by <see cref="Length"/> bytes of payload.</summary>
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
internal readonly record struct RequestHeader(CommandFlags Flags, Command Command, ulong Cookie, ulong Offset, uint Length)
{
    public const int Size = LengthOffset + sizeof(uint);

    private const uint Magic = 0x2560_9513;

    private const int MagicOffset = 0;
    private const int FlagsOffset = MagicOffset + sizeof(uint);
    private const int CommandOffset = FlagsOffset + sizeof(ushort);
    private const int CookieOffset = CommandOffset + sizeof(ushort);
    private const int OffsetOffset = CookieOffset + sizeof(ulong);
    private const int LengthOffset = OffsetOffset + sizeof(ulong);

    /// <summary>How many bytes follow the header, whatever becomes of the request.</summary>
    public uint PayloadLength => Command == Command.Write ? Length : 0;

    /// <summary>False when the bytes are too few or do not begin with the magic.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out RequestHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32BigEndian(source) != Magic)
            return false;
        header = new RequestHeader(
            (CommandFlags)BinaryPrimitives.ReadUInt16BigEndian(source[FlagsOffset..]),
            (Command)BinaryPrimitives.ReadUInt16BigEndian(source[CommandOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[CookieOffset..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[OffsetOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[LengthOffset..]));
        return true;
    }
}
