namespace SnapBackup.Kernel.Tests;

/// <summary>A file that holds a new, empty file system, as small as its kind may be.</summary>
internal static class FileSystemImage
{
    public static async Task MakeAsync(string fileSystem, string path, params string[] options)
    {
        var size = fileSystem switch
        {
            "xfs" => 304L << 20,
            "btrfs" => 128L << 20,
            _ => 32L << 20,
        };
        await using (var file = File.Create(path))
            file.SetLength(size);
        (await ExternalTool.Require($"mkfs.{fileSystem}").RunAsync(["-q", .. options, path])).Succeeded();
    }
}
