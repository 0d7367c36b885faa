using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>The answer to NBD_OPT_EXPORT_NAME, which has no header and ends the negotiation.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  size in bytes
///      8     2  transmission flags
///     10   124  zeros, left out when both sides said NO_ZEROES
/// </code>
/// </remarks>
internal readonly record struct ExportNameReply(long ExportSize, TransmissionFlags Flags)
{
    public const int Size = PaddingOffset;
    public const int PaddedSize = PaddingOffset + 124;

    private const int ExportSizeOffset = 0;
    private const int FlagsOffset = ExportSizeOffset + sizeof(ulong);
    private const int PaddingOffset = FlagsOffset + sizeof(ushort);

    /// <summary>Fills <paramref name="destination"/>, which is <see cref="Size"/> or <see cref="PaddedSize"/> bytes long.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination[ExportSizeOffset..], ExportSize);
        BinaryPrimitives.WriteUInt16BigEndian(destination[FlagsOffset..], (ushort)Flags);
        destination[PaddingOffset..].Clear();
    }
}
