using System.Buffers.Binary;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// Names the use of a segment and what is durable of it, so that its loss is noticed. Little-endian.
/// <code>
/// offset size
///      0    8  which segment of its log; -1 for none
///      8    8  the sequence number of that use: if a lower one or nothing valid stands there, records are lost
///     16    8  the epoch that owned it
///     24    8  how far it was filled, at least, in bytes
/// </code>
/// </summary>
/// <param name="Index">Which segment of its log; -1 for none.</param>
/// <param name="Sequence">The sequence number of that use.</param>
/// <param name="Epoch">The epoch that owned it.</param>
/// <param name="Filled">How far it was filled, at least, in bytes.</param>
internal readonly record struct SegmentLink(long Index, long Sequence, long Epoch, long Filled)
{
    public const int Size = FilledAt + sizeof(long);

    private const int IndexAt = 0;
    private const int SequenceAt = IndexAt + sizeof(long);
    private const int EpochAt = SequenceAt + sizeof(long);
    private const int FilledAt = EpochAt + sizeof(long);

    public static SegmentLink None => new(-1, 0, 0, 0);

    public static SegmentLink Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes[IndexAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[SequenceAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[EpochAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[FilledAt..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes[IndexAt..], Index);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SequenceAt..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[FilledAt..], Filled);
    }
}
