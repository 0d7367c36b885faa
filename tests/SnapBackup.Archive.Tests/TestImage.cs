using System.Text;

namespace SnapBackup.Archive.Tests;

/// <summary>Contents of disks: text, noise and nothing, the same for the same seed.</summary>
internal static class TestImage
{
    public const int Page = 4096;

    /// <summary>Runs of pages of changing kinds.</summary>
    public static byte[] Mixed(int size, int seed = 1)
    {
        var random = new Random(seed);
        var image = new byte[size];
        for (var offset = 0; offset < size;)
        {
            var run = image.AsSpan(offset, Math.Min(size - offset, random.Next(1, 24) * Page));
            Fill(run, random.Next(3), random);
            offset += run.Length;
        }

        return image;
    }

    private static void Fill(Span<byte> run, int kind, Random random)
    {
        if (kind == 0)
            return;
        if (kind == 1)
        {
            random.NextBytes(run);
            return;
        }

        for (var at = 0; at < run.Length;)
        {
            var line = Encoding.ASCII.GetBytes($"inode {random.Next(5000)} links {random.Next(9)}\n");
            var count = Math.Min(line.Length, run.Length - at);
            line.AsSpan(0, count).CopyTo(run[at..]);
            at += count;
        }
    }
}
