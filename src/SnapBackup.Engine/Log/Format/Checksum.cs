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

    /// <summary>Writes into a structure, at <paramref name="at"/>, the checksum of all the rest of it.</summary>
    public static void Seal(Span<byte> structure, int at)
    {
        structure.Slice(at, Size).Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(structure[at..], Of(structure));
    }

    /// <summary>Whether a structure has the checksum that stands in it.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> structure, int at)
    {
        var hash = new XxHash3();
        hash.Append(structure[..at]);
        hash.Append(stackalloc byte[Size]);
        hash.Append(structure[(at + Size)..]);
        return hash.GetCurrentHashAsUInt64() == BinaryPrimitives.ReadUInt64LittleEndian(structure[at..]);
    }
}
