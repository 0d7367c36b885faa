using System.Buffers.Binary;
using System.IO.Hashing;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// The checksum of everything on a log: XXH3 with 64 bits (System.IO.Hashing), which costs little beside the copy of
/// the data. It tells torn and rotten blocks from good ones; it is no protection against a forger.
/// </summary>
internal static class Checksum
{
    public const int Size = sizeof(ulong);

    public static ulong Of(ReadOnlySpan<byte> data) => XxHash3.HashToUInt64(data);

    /// <summary>
    /// What the checksums of one use of one segment start from: bytes of another log, or of this segment's last use, that came to
    /// lie here as somebody's data never look like a structure of it.
    /// </summary>
    public static long Salt(Guid setId, long segmentSequence)
    {
        Span<byte> bytes = stackalloc byte[24];
        setId.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], segmentSequence);
        return (long)Of(bytes);
    }

    /// <summary>Writes into a structure, at <paramref name="at"/>, the checksum of all the rest of it.</summary>
    public static void Seal(Span<byte> structure, int at, long salt = 0)
    {
        structure.Slice(at, Size).Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(structure[at..], XxHash3.HashToUInt64(structure, salt));
    }

    /// <summary>Whether a structure has the checksum that stands in it.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> structure, int at, long salt = 0)
    {
        var hash = new XxHash3(salt);
        hash.Append(structure[..at]);
        hash.Append(stackalloc byte[Size]);
        hash.Append(structure[(at + Size)..]);
        return hash.GetCurrentHashAsUInt64() == BinaryPrimitives.ReadUInt64LittleEndian(structure[at..]);
    }
}
