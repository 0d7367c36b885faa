using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>NBD_INFO_EXPORT: an export's size and abilities.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     2  information type 0
///      2     8  size in bytes
///     10     2  transmission flags
/// </code>
/// </remarks>
internal readonly record struct ExportInfo(long ExportSize, TransmissionFlags Flags)
{
    public const int Size = FlagsOffset + sizeof(ushort);

    private const int TypeOffset = 0;
    private const int ExportSizeOffset = TypeOffset + sizeof(ushort);
    private const int FlagsOffset = ExportSizeOffset + sizeof(ulong);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination[TypeOffset..], (ushort)InfoType.Export);
        BinaryPrimitives.WriteInt64BigEndian(destination[ExportSizeOffset..], ExportSize);
        BinaryPrimitives.WriteUInt16BigEndian(destination[FlagsOffset..], (ushort)Flags);
    }
}
