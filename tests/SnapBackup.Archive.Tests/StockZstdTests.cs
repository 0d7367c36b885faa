namespace SnapBackup.Archive.Tests;

/// <summary>An archive needs nothing of ours to be restored.</summary>
public sealed class StockZstdTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(1_000_003)]
    public async Task The_stock_program_restores_the_identical_image(int size)
    {
        var zstd = ExternalTool.Require("zstd");
        using var folder = new TempFolder();
        var image = TestImage.Mixed(size);
        var info = await TestArchive.Store(folder).CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options());

        (await zstd.RunAsync("-d", "-q", info.Path, "-o", folder["image"])).Succeeded();

        Assert.Equal(image, await File.ReadAllBytesAsync(folder["image"]));
    }

    [Fact]
    public async Task The_stock_program_lists_and_tests_it()
    {
        var zstd = ExternalTool.Require("zstd");
        using var folder = new TempFolder();
        var info = await TestArchive.Store(folder).CreateAsync(
            new MemoryBlockDevice("disk", TestImage.Mixed(10 * TestArchive.FrameSize)), TestArchive.Options());

        (await zstd.RunAsync("-t", "-q", info.Path)).Succeeded();
        var listing = (await zstd.RunAsync("-l", "-v", info.Path)).Succeeded().Output;

        Assert.Contains("# Zstandard Frames: 10", listing, StringComparison.Ordinal);
        Assert.Contains("# Skippable Frames: 3", listing, StringComparison.Ordinal);
        Assert.Contains("(655360 B)", listing, StringComparison.Ordinal);
        Assert.Contains("Check: XXH64", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stock_program_notices_a_flipped_bit()
    {
        var zstd = ExternalTool.Require("zstd");
        using var folder = new TempFolder();
        var bytes = await TestArchive.BytesOf(TestImage.Mixed(100_000));
        bytes[bytes.Length / 4] ^= 1;
        await File.WriteAllBytesAsync(folder["bad.img.zst"], bytes);

        Assert.NotEqual(0, (await zstd.RunAsync("-t", "-q", folder["bad.img.zst"])).ExitCode);
    }
}
