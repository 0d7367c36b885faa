using SnapBackup.Archive.Stores;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Tests;

/// <summary>However a creation ends early, the store is as it was.</summary>
public sealed class CreationFailureTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(500_000)]
    [InlineData(999_000)]
    public async Task A_device_that_fails_in_the_middle_leaves_nothing(int failsAt)
    {
        var disk = Disk();
        disk.Fault = (_, offset, length) =>
        {
            if (offset + length > failsAt)
                throw new BlockDeviceException(BlockDeviceError.InputOutput, "disk: bad sector.");
        };

        var error = await Assert.ThrowsAsync<BlockDeviceException>(() => TestArchive.Store(_folder).CreateAsync(disk, TestArchive.Options()));

        Assert.Equal(BlockDeviceError.InputOutput, error.Reason);
        AssertEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    public async Task A_cancelled_creation_leaves_nothing(int reports)
    {
        using var stop = new CancellationTokenSource();
        var progress = new ImmediateProgress(_ =>
        {
            if (--reports == 0)
                stop.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TestArchive.Store(_folder).CreateAsync(Disk(), TestArchive.Options(), progress, stop.Token));

        AssertEmpty();
    }

    [Fact]
    public async Task A_full_store_is_named_and_left_as_it_was()
    {
        await using var small = await SmallFileSystem.MountAsync(kibibytes: 256);
        var store = new FolderStore(small.Path, FixedTime.NewYear);

        var error = await Assert.ThrowsAsync<ArchiveException>(() => store.CreateAsync(Disk(), TestArchive.Options()));

        Assert.Equal(ArchiveError.NoSpace, error.Reason);
        Assert.Empty(Directory.GetFiles(small.Path));
    }

    [Fact]
    public async Task A_folder_that_vanishes_is_an_error_of_the_store()
    {
        using var gone = new TempFolder();
        var path = Path.Combine(gone.Path, "store");
        Directory.CreateDirectory(path);
        var store = new FolderStore(path, FixedTime.NewYear);
        Directory.Delete(path);

        var error = await Assert.ThrowsAsync<ArchiveException>(() => store.CreateAsync(Disk(), TestArchive.Options()));

        Assert.Equal(ArchiveError.NotFound, error.Reason);
    }

    [Fact]
    public async Task A_device_of_no_bytes_is_refused()
    {
        var error = await Assert.ThrowsAsync<ArchiveException>(
            () => TestArchive.Store(_folder).CreateAsync(new MemoryBlockDevice("disk", 0), TestArchive.Options()));

        Assert.Equal(ArchiveError.UnsupportedSource, error.Reason);
        AssertEmpty();
    }

    [Fact]
    public async Task A_device_too_large_for_the_frame_size_is_refused_and_fits_larger_frames()
    {
        const long TooLarge = ((long)ArchiveLimits.MaxFrames * ArchiveLimits.MinFrameSize) + 1;
        await using var disk = FileBlockDevice.Create(_folder["disk"], TooLarge);
        var store = TestArchive.Store(_folder);

        var error = await Assert.ThrowsAsync<ArchiveException>(
            () => store.CreateAsync(disk, TestArchive.Options() with { FrameSize = ArchiveLimits.MinFrameSize }));

        Assert.Equal(ArchiveError.UnsupportedSource, error.Reason);
        Assert.Contains($"{TooLarge} bytes are more than", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(4L << 40, 1 << 20)]
    [InlineData((4L << 40) + 1, 2 << 20)]
    [InlineData(64L << 40, 16 << 20)]
    public void Frames_grow_with_the_image_up_to_64_TiB(long imageSize, int frameSize)
    {
        Assert.Equal(frameSize, FrameLayout.FrameSizeFor(imageSize, ArchiveOptions.DefaultFrameSize));
        Assert.True(FrameLayout.TryCreate(imageSize, frameSize, out var layout));
        Assert.InRange(layout.FrameCount, 1, ArchiveLimits.MaxFrames);
    }

    public static TheoryData<ArchiveOptions, string> BadOptions => new()
    {
        { TestArchive.Options(""), "device name" },
        { TestArchive.Options("../etc/passwd"), "device name" },
        { TestArchive.Options("-rf"), "device name" },
        { TestArchive.Options("disk\n"), "device name" },
        { TestArchive.Options(new string('x', 65)), "device name" },
        { TestArchive.Options() with { SnapshotName = "" }, "snapshot name" },
        { TestArchive.Options() with { SnapshotName = "a\0b" }, "snapshot name" },
        { TestArchive.Options() with { FrameSize = 32 * 1024 }, "frame size" },
        { TestArchive.Options() with { FrameSize = 100_000 }, "frame size" },
        { TestArchive.Options() with { FrameSize = 32 * 1024 * 1024 }, "frame size" },
        { TestArchive.Options() with { CompressionLevel = 0 }, "compression level" },
        { TestArchive.Options() with { CompressionLevel = 20 }, "compression level" },
        { TestArchive.Options() with { Workers = 0 }, "workers" },
        { TestArchive.Options() with { Workers = 257 }, "workers" },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public async Task An_option_out_of_range_is_refused_by_name(ArchiveOptions options, string what)
    {
        var error = await Assert.ThrowsAsync<ArchiveException>(() => TestArchive.Store(_folder).CreateAsync(Disk(), options));

        Assert.Equal(ArchiveError.InvalidOption, error.Reason);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        AssertEmpty();
    }

    private static MemoryBlockDevice Disk()
    {
        // No page of zeros: every frame is read.
        var image = new byte[1_000_000];
        new Random(1).NextBytes(image);
        return new MemoryBlockDevice("disk", image);
    }

    private void AssertEmpty() => Assert.Empty(Directory.GetFiles(_folder.Path));
}
