using System.Security.Cryptography;

namespace SnapBackup.Kernel.Tests;

/// <summary>The files below a folder, to be written, changed and compared.</summary>
internal static class FileTree
{
    /// <summary>Makes folders, files of many sizes, a link, and rights.</summary>
    public static async Task WriteAsync(string root)
    {
        for (var i = 0; i < 40; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, $"folder{i % 4}", $"deep{i % 3}")).FullName;
            await WriteFileAsync(Path.Combine(folder, $"file {i}"), 1 + (i * 3001), seed: i);
        }

        File.CreateSymbolicLink(Path.Combine(root, "link"), "folder0/deep0");
        File.SetUnixFileMode(Path.Combine(root, "folder1"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Overwrites, appends, removes, renames and adds, and writes all of that out.</summary>
    public static async Task ChangeAsync(string root)
    {
        await WriteFileAsync(Path.Combine(root, "folder0", "deep0", "file 0"), 5000, seed: 100);
        await File.AppendAllTextAsync(Path.Combine(root, "folder2", "deep2", "file 2"), "more");
        File.Delete(Path.Combine(root, "link"));
        Directory.Delete(Path.Combine(root, "folder3"), recursive: true);
        Directory.Move(Path.Combine(root, "folder2"), Path.Combine(root, "moved"));
        await WriteFileAsync(Path.Combine(root, "new"), 700_000, seed: 101);
        (await ExternalTool.Require("sync").RunAsync("--file-system", root)).Succeeded();
    }

    /// <summary>A line for each folder, file and link: what it is, who may use it, what is in it.</summary>
    public static IReadOnlyList<string> Read(string root) =>
        [.. new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Where(entry => !entry.Name.Equals("lost+found", StringComparison.Ordinal))
            .Select(entry => $"{Path.GetRelativePath(root, entry.FullName)} {entry.UnixFileMode} {ContentOf(entry)}")
            .Order(StringComparer.Ordinal)];

    private static string ContentOf(FileSystemInfo entry) => entry switch
    {
        { LinkTarget: { } target } => $"-> {target}",
        FileInfo file => $"{file.LastWriteTimeUtc:O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName)))}",
        _ => "folder",
    };

    private static async Task WriteFileAsync(string path, int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        await File.WriteAllBytesAsync(path, bytes);
    }
}
