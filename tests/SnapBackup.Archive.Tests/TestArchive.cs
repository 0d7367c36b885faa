using SnapBackup.Archive.Stores;

namespace SnapBackup.Archive.Tests;

/// <summary>Makes archives as a test needs them.</summary>
internal static class TestArchive
{
    public const int FrameSize = 64 * 1024;

    public static ArchiveOptions Options(string device = "disk") => new() { DeviceName = device, FrameSize = FrameSize, Workers = 2 };

    public static FolderStore Store(TempFolder folder) => new(folder.Path, FixedTime.NewYear);

    /// <summary>The bytes of an archive of an image.</summary>
    public static async Task<byte[]> BytesOf(byte[] image)
    {
        using var folder = new TempFolder();
        var info = await Store(folder).CreateAsync(new MemoryBlockDevice("disk", image), Options());
        return await File.ReadAllBytesAsync(info.Path);
    }

    public static Task<ImageArchive> Open(byte[] bytes) => ImageArchive.OpenAsync(new MemoryBlockDevice("some.img.zst", bytes) { IsReadOnly = true });

    /// <summary>What a restore of an archive gives.</summary>
    public static async Task<byte[]> Restored(ImageArchive archive)
    {
        var target = new MemoryBlockDevice("target", archive.Manifest.ImageSize);
        await archive.RestoreAsync(target);
        return target.Content;
    }
}
