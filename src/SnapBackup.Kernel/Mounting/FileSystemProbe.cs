using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Mounting;

/// <summary>What a block device holds, read from it (and not from what udev remembers of it).</summary>
/// <param name="FileSystem">The kind of file system, such as <c>ext4</c>; null when none is known.</param>
/// <param name="PartitionTable">The kind of partition table, such as <c>gpt</c>; null when there is none.</param>
internal readonly record struct FileSystemProbe(string? FileSystem, string? PartitionTable)
{
    public static async Task<FileSystemProbe> OfAsync(string device, CancellationToken cancellationToken)
    {
        var blkid = await SystemTool.Get("blkid", "util-linux").RunAsync(cancellationToken, "--probe", "--output", "export", device).ConfigureAwait(false);
        var tags = blkid.Output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return new FileSystemProbe(tags.GetValueOrDefault("TYPE"), tags.GetValueOrDefault("PTTYPE"));
    }
}
