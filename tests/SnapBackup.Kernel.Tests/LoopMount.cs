namespace SnapBackup.Kernel.Tests;

/// <summary>A new file system that is mounted from a plain loop device, without anything of ours.</summary>
internal sealed class LoopMount : IAsyncDisposable
{
    private LoopMount(string path) => Path = path;

    public string Path { get; }

    public static async Task<LoopMount> MakeAsync(string fileSystem, string path)
    {
        await FileSystemImage.MakeAsync(fileSystem, $"{path}.img");
        Directory.CreateDirectory(path);
        (await ExternalTool.Require("mount").RunAsync("-o", "loop", $"{path}.img", path)).Succeeded();
        return new LoopMount(path);
    }

    public async ValueTask DisposeAsync() => (await ExternalTool.Require("umount").RunAsync("--lazy", Path)).Succeeded();
}
