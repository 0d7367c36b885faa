using System.Buffers.Binary;
using System.IO.Hashing;
using SnapBackup.Blocks.Linux;

namespace SnapBackup.Blocks.Stamps;

/// <summary>
/// The bytes of a disk that stand for all of them: its ends and the heads of its partitions, where every mount of a file
/// system and every partition editor writes, and blocks scattered over it.
/// </summary>
/// <remarks>Which bytes these are follows from the size and the partitions alone, and is the same in every version.</remarks>
internal sealed class ContentSample(DeviceFile file, long size)
{
    private const int End = 1 << 20;
    private const int PartitionHead = 128 << 10;
    private const int ScatteredBlocks = 256;
    private const int ScatteredBlock = 4096;

    /// <summary>Reads the sample from the medium into a hash; what cannot be read goes in as such.</summary>
    /// <param name="hash">What it is added to.</param>
    /// <param name="partitions">Where the partitions begin, in bytes.</param>
    /// <param name="cancellationToken">Gives up between two reads.</param>
    public void AddTo(StampHash hash, IEnumerable<long> partitions, CancellationToken cancellationToken)
    {
        var buffer = new byte[End];
        foreach (var (offset, length) in Pieces(partitions))
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.Add(ReadOrNothing(offset, buffer.AsSpan(0, length)));
        }
    }

    private IEnumerable<(long Offset, int Length)> Pieces(IEnumerable<long> partitions)
    {
        yield return Piece(0, End);
        yield return Piece(Math.Max(0, size - End), End);
        foreach (var start in partitions)
            yield return Piece(start, PartitionHead);
        for (var index = 0; index < ScatteredBlocks; index++)
            yield return Piece(Scattered(index), ScatteredBlock);
    }

    private (long Offset, int Length) Piece(long offset, int length) => (offset, (int)Math.Clamp(size - offset, 0, length));

    private long Scattered(int index)
    {
        var blocks = Math.Max(1, size / ScatteredBlock);
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, index);
        return (long)(XxHash3.HashToUInt64(bytes, seed: size) % (ulong)blocks) * ScatteredBlock;
    }

    private ReadOnlySpan<byte> ReadOrNothing(long offset, Span<byte> piece)
    {
        try
        {
            file.DropCached(offset, piece.Length);
            file.Read(offset, piece);
            return piece;
        }
        catch (BlockDeviceException error) when (error.Reason == BlockDeviceError.InputOutput)
        {
            return []; // a bad sector is no reason to lose the stamp, and one that heals was written
        }
    }
}
