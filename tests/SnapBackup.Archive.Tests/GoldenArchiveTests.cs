using System.Text;

namespace SnapBackup.Archive.Tests;

/// <summary>
/// Archives that versions of the format have left in the world, kept for ever: whatever the program becomes, it reads them.
/// </summary>
public sealed class GoldenArchiveTests
{
    [Fact]
    public async Task A_full_archive_of_format_version_1_is_read()
    {
        await using var archive = await TestArchive.Open(Golden("full-1.img.zst"));
        var manifest = archive.Manifest;

        Assert.Equal(
            (1, Guid.Parse("01941fb2-d040-71ba-91fb-dbeee61129ff"), "golden", "version 1", FixedTime.NewYear.GetUtcNow(), 131_172L, 512, 65_536),
            (manifest.FormatVersion, manifest.ArchiveId, manifest.DeviceName, manifest.SnapshotName, manifest.SnapshotTime,
                manifest.ImageSize, manifest.SectorSize, manifest.FrameSize));
        Assert.Equal("8a971e1b3f74b4d2ec74eca42549b33e", manifest.ContentDigest);
        Assert.True((await archive.VerifyAsync()).IsIntact);
        Assert.Equal(ImageOfVersion1(), await TestArchive.Restored(archive));
    }

    /// <summary>Two frames and a short one: lines of text, zeros, and the numbers from 255 down.</summary>
    private static byte[] ImageOfVersion1()
    {
        var lines = string.Concat(Enumerable.Range(0, 5000).Select(line => $"golden line {line}\n"));
        byte[] numbers = [.. Enumerable.Range(0, 100).Select(n => (byte)(255 - n))];
        return [.. Encoding.ASCII.GetBytes(lines[..65_536]), .. new byte[65_536], .. numbers];
    }

    private static byte[] Golden(string name)
    {
        using var stream = typeof(GoldenArchiveTests).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
