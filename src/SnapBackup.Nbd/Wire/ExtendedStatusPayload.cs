using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>What a chunk of type BLOCK_STATUS_EXT carries, once for each context that was negotiated.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  the context's number
///      4     4  number n of descriptors
///      8  16*n  descriptors: length (8), status (8)
/// </code>
/// </remarks>
internal readonly record struct ExtendedStatusPayload(uint Context, IReadOnlyList<StatusExtent> Extents)
{
    private const int ContextOffset = 0;
    private const int CountOffset = ContextOffset + sizeof(uint);
    private const int DescriptorsOffset = CountOffset + sizeof(uint);
    private const int DescriptorSize = 2 * sizeof(ulong);

    public int Size => DescriptorsOffset + (Extents.Count * DescriptorSize);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[ContextOffset..], Context);
        BinaryPrimitives.WriteUInt32BigEndian(destination[CountOffset..], (uint)Extents.Count);
        var descriptor = destination[DescriptorsOffset..];
        foreach (var extent in Extents)
        {
            BinaryPrimitives.WriteInt64BigEndian(descriptor, extent.Length);
            BinaryPrimitives.WriteUInt64BigEndian(descriptor[sizeof(ulong)..], extent.Status);
            descriptor = descriptor[DescriptorSize..];
        }
    }
}
