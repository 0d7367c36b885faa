using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The head of an answer to an option, from the server; <see cref="Length"/> bytes of data follow.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  magic 0x0003e889045565a9
///      8     4  the option answered
///     12     4  type of the answer
///     16     4  length of the data
/// </code>
/// </remarks>
internal readonly record struct OptionReplyHeader(Option Option, OptionReplyType Type, uint Length)
{
    public const int Size = LengthOffset + sizeof(uint);

    private const ulong Magic = 0x0003_e889_0455_65a9;

    private const int MagicOffset = 0;
    private const int OptionOffset = MagicOffset + sizeof(ulong);
    private const int TypeOffset = OptionOffset + sizeof(uint);
    private const int LengthOffset = TypeOffset + sizeof(uint);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt32BigEndian(destination[OptionOffset..], (uint)Option);
        BinaryPrimitives.WriteUInt32BigEndian(destination[TypeOffset..], (uint)Type);
        BinaryPrimitives.WriteUInt32BigEndian(destination[LengthOffset..], Length);
    }
}
