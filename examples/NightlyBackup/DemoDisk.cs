using System.Globalization;
using System.Text.RegularExpressions;

namespace NightlyBackup;

/// <summary>
/// A disk for the occasion: an ext4 file system with files in it, one of which plays a database that is written all the
/// time. Where e2fsprogs is missing, a plain data image.
/// </summary>
/// <param name="Path">The image.</param>
/// <param name="HasFileSystem">Whether it holds ext4.</param>
/// <param name="DatabaseOffset">Where on the disk the database lies, in bytes.</param>
/// <param name="DatabaseLength">How long it is there, without a gap.</param>
internal sealed partial record DemoDisk(string Path, bool HasFileSystem, long DatabaseOffset, int DatabaseLength)
{
    private const long Size = 512L << 20;
    private const int DatabaseSize = 64 << 20;
    private const int BlockSize = 4096;

    public static async Task<DemoDisk> MakeAsync(string path)
    {
        var content = Directory.CreateTempSubdirectory("snapbackup-demo-").FullName;
        try
        {
            await FillAsync(content);
            var made = await ExternalProgram.TryRunAsync(
                "mke2fs", "-q", "-t", "ext4", "-b", $"{BlockSize}", "-d", content, path, $"{Size / 1024}k");
            if (made is { ExitCode: 0 } && await FindDatabaseAsync(path) is { } place)
                return new DemoDisk(path, true, place.Offset, place.Length);
        }
        finally
        {
            Directory.Delete(content, recursive: true);
        }

        await MakePlainAsync(path);
        return new DemoDisk(path, false, Size / 2, DatabaseSize);
    }

    private static async Task FillAsync(string folder)
    {
        await File.WriteAllBytesAsync(System.IO.Path.Combine(folder, "database.bin"), RandomBytes(DatabaseSize, seed: 0));
        for (var i = 1; i <= 300; i++)
        {
            var text = string.Join('\n', Enumerable.Range(i, 4000).Select(line => $"{line}: a line of file {i} that compresses well"));
            await File.WriteAllTextAsync(System.IO.Path.Combine(folder, $"notes{i}.txt"), text);
        }
    }

    private static async Task MakePlainAsync(string path)
    {
        await using var file = File.Create(path);
        await file.WriteAsync(RandomBytes(DatabaseSize, seed: 0));
        file.SetLength(Size);
    }

    /// <summary>The longest run of the database file on the disk, as debugfs tells it.</summary>
    private static async Task<(long Offset, int Length)?> FindDatabaseAsync(string path)
    {
        var told = await ExternalProgram.TryRunAsync("debugfs", "-R", "stat database.bin", path);
        var longest = Extent().Matches(told?.Output ?? "")
            .Select(match => (First: Number(match, "first"), Last: Number(match, "last")))
            .OrderByDescending(extent => extent.Last - extent.First)
            .FirstOrDefault();
        return longest == default ? null : (longest.First * BlockSize, (int)(longest.Last - longest.First + 1) * BlockSize);
    }

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static byte[] RandomBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>An extent in debugfs' output: <c>(0-16383):34816-51199</c>.</summary>
    [GeneratedRegex(@"\(\d+-\d+\):(?<first>\d+)-(?<last>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Extent();
}
