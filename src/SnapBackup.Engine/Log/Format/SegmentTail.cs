using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// How far the open segment of a class was filled when a catalog was written: so much of it is durable. Little-endian.
/// <code>
/// offset size
///      0    8  sequence number of the segment; 0 when none was open
///      8    8  epoch that owns it
///     16    8  how far it was filled, in bytes
/// </code>
/// </summary>
/// <param name="Sequence">The sequence number of the segment; 0 when none was open.</param>
/// <param name="Epoch">The epoch that owns it.</param>
/// <param name="Filled">How far it was filled, in bytes.</param>
internal readonly record struct SegmentTail(long Sequence, long Epoch, long Filled)
{
    public const int Size = FilledAt + sizeof(long);

    private const int SequenceAt = 0;
    private const int EpochAt = SequenceAt + sizeof(long);
    private const int FilledAt = EpochAt + sizeof(long);

    public static SegmentTail Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[EpochAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[FilledAt..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceAt..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[FilledAt..], Filled);
    }
}
