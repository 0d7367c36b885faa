using SnapBackup.Blocks;

namespace NightlyBackup;

/// <summary>
/// Plays a busy database: writes pages at random places of its part of the disk, one after the other, and can say what the disk
/// held after any number of writes. The archive must hold exactly one of these states: that of the moment the snapshot started.
/// </summary>
internal sealed class DiskWriter(IBlockDevice disk, long start, int length)
{
    private const int LargestWrite = 32 * 1024;
    private const int Page = 512;

    private readonly List<(long Offset, int Length, int Seed)> _writes = [];
    private int _completed;

    /// <summary>How many writes have completed.</summary>
    public int Completed => Volatile.Read(ref _completed);

    /// <summary>Writes until it is cancelled.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var random = new Random(1);
        while (!cancellationToken.IsCancellationRequested)
        {
            var size = random.Next(1, LargestWrite / Page) * Page;
            var write = (Offset: start + random.NextInt64((length - size) / Page) * Page, Length: size, Seed: _writes.Count);
            _writes.Add(write);
            await disk.WriteAsync(write.Offset, Content(write.Seed, write.Length), WriteOptions.None, CancellationToken.None);
            Volatile.Write(ref _completed, _writes.Count);
            await Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        }
    }

    /// <summary>
    /// Finds the number of writes whose result an image holds, from the bounds that the caller observed, and brings a copy of the
    /// disk as it was before all writes to that state.
    /// </summary>
    /// <returns>The number of writes; null when the image holds no such state.</returns>
    public async Task<int?> ReplayAsync(IBlockDevice copy, IBlockDevice image, int atLeast, int atMost)
    {
        var done = 0;
        for (; done < atLeast; done++)
            await ApplyAsync(copy, _writes[done]);
        while (!await SameAsync(copy, image))
        {
            if (done == Math.Min(atMost, _writes.Count))
                return null;
            await ApplyAsync(copy, _writes[done++]);
        }

        return done;
    }

    private static async Task ApplyAsync(IBlockDevice copy, (long Offset, int Length, int Seed) write) =>
        await copy.WriteAsync(write.Offset, Content(write.Seed, write.Length));

    private static byte[] Content(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Compares the part of the disk that is written to.</summary>
    private async Task<bool> SameAsync(IBlockDevice copy, IBlockDevice image) =>
        await ImageComparison.FirstDifferenceAsync(copy, image, start, length) is null;
}
