namespace SnapBackup.Blocks.Tests;

/// <summary>A mounted file system of its own, which a test may fill; unmounted when the test ends, however it ends. Needs root.</summary>
internal sealed class SmallFileSystem : IAsyncDisposable
{
    private readonly string _folder;

    private SmallFileSystem(string folder) => _folder = folder;

    /// <summary>The path of something in it.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    public long FreeRoom => new DriveInfo(_folder).AvailableFreeSpace;

    /// <summary>A new tmpfs of so many bytes.</summary>
    public static Task<SmallFileSystem> OfMemoryAsync(string folder, long size) => MountAsync(folder, "-t", "tmpfs", "-o", $"size={size}", "none");

    /// <summary>A new ramfs, whose times have the grain of the kernel's ticks. It has no end: mind what is written.</summary>
    public static Task<SmallFileSystem> OfTicksAsync(string folder) => MountAsync(folder, "-t", "ramfs", "none");

    /// <summary>A new ext4 with blocks of 1 KiB in a file of so many bytes.</summary>
    public static async Task<SmallFileSystem> OfExt4Async(string folder, string image, long size, string options = "loop", int inodeSize = 256)
    {
        ExternalTool.RequireRoot();
        await using (FileBlockDevice.Create(image, size))
        {
            // made, and closed for the loop device
        }

        (await ExternalTool.Require("mke2fs").RunAsync("-q", "-t", "ext4", "-b", "1024", "-I", $"{inodeSize}", "-m", "0", image)).Succeeded();
        return await OfImageAsync(folder, image, options);
    }

    /// <summary>The file system that a file holds.</summary>
    public static Task<SmallFileSystem> OfImageAsync(string folder, string image, string options = "loop") =>
        MountAsync(folder, "-o", options, image);

    public async ValueTask DisposeAsync() => (await ExternalTool.Require("umount").RunAsync(_folder)).Succeeded();

    private static async Task<SmallFileSystem> MountAsync(string folder, params string[] arguments)
    {
        ExternalTool.RequireRoot();
        Directory.CreateDirectory(folder);
        (await ExternalTool.Require("mount").RunAsync([.. arguments, folder])).Succeeded();
        return new SmallFileSystem(folder);
    }
}
