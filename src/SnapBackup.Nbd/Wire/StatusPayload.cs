using System.Buffers.Binary;

namespace SnapBackup.Nbd.Wire;

/// <summary>What a chunk of type BLOCK_STATUS carries, once for each context that was negotiated.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     4  the context's number
///      4   8*n  descriptors: length (4), status (4)
/// </code>
/// </remarks>
internal readonly record struct StatusPayload(uint Context, IReadOnlyList<StatusExtent> Extents)
{
    private const int ContextOffset = 0;
    private const int DescriptorsOffset = ContextOffset + sizeof(uint);
    private const int DescriptorSize = 2 * sizeof(uint);

    public int Size => DescriptorsOffset + (Extents.Count * DescriptorSize);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[ContextOffset..], Context);
        var descriptor = destination[DescriptorsOffset..];
        foreach (var extent in Extents)
        {
            BinaryPrimitives.WriteUInt32BigEndian(descriptor, (uint)extent.Length);
            BinaryPrimitives.WriteUInt32BigEndian(descriptor[sizeof(uint)..], extent.Status);
            descriptor = descriptor[DescriptorSize..];
        }
    }
}
