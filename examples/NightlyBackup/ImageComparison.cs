using SnapBackup.Blocks;

namespace NightlyBackup;

internal static class ImageComparison
{
    private const int Chunk = 1 << 20;

    /// <summary>Compares a range of two disks byte by byte.</summary>
    /// <returns>Where the first difference is, to a mebibyte; null when there is none.</returns>
    public static async Task<long?> FirstDifferenceAsync(IBlockDevice one, IBlockDevice other, long start, long length)
    {
        var left = new byte[Chunk];
        var right = new byte[Chunk];
        for (var offset = start; offset < start + length; offset += Chunk)
        {
            var count = (int)Math.Min(Chunk, start + length - offset);
            await one.ReadAsync(offset, left.AsMemory(0, count));
            await other.ReadAsync(offset, right.AsMemory(0, count));
            if (!left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
                return offset;
        }

        return null;
    }
}
