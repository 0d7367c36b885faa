using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The head of an option, from the client; <see cref="Length"/> bytes of data follow.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  "IHAVEOPT"
///      8     4  option
///     12     4  length of the data
/// </code>
/// </remarks>
internal readonly record struct OptionHeader(Option Option, uint Length)
{
    public const int Size = LengthOffset + sizeof(uint);

    public const ulong Magic = 0x4948_4156_454f_5054;

    private const int MagicOffset = 0;
    private const int OptionOffset = MagicOffset + sizeof(ulong);
    private const int LengthOffset = OptionOffset + sizeof(uint);

    /// <summary>False when the bytes are too few or do not begin with the magic.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out OptionHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt64BigEndian(source) != Magic)
            return false;
        header = new OptionHeader(
            (Option)BinaryPrimitives.ReadUInt32BigEndian(source[OptionOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[LengthOffset..]));
        return true;
    }
}
