using System.Globalization;
using SnapBackup.Blocks.Linux;

namespace SnapBackup.Kernel.Linux;

/// <summary>A block device as sysfs knows it: what stands on it, and what it stands on.</summary>
/// <param name="Name">The kernel's name, such as <c>loop0p1</c>.</param>
internal readonly record struct BlockNode(string Name)
{
    private const string Class = "/sys/class/block";

    /// <summary>Its node below <c>/dev</c>.</summary>
    public string Path => $"/dev/{Name}";

    /// <summary>Its major and minor number, as mountinfo writes them; null when it is gone.</summary>
    public string? Number => Sysfs.TryRead($"{Class}/{Name}/dev");

    /// <summary>The real path of the file that a loop device stands on; null for others.</summary>
    public string? LoopFile => Sysfs.TryRead($"{Class}/{Disk.Name}/loop/backing_file");

    /// <summary>The whole disk, which is the same unless this is a partition.</summary>
    private BlockNode Disk => File.Exists($"{Class}/{Name}/partition")
        ? new BlockNode(System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Real(Name))!))
        : this;

    /// <summary>This, its partitions, and what the device mapper and others have made of them.</summary>
    public IEnumerable<BlockNode> WithAllAbove => [this, .. Above.SelectMany(node => node.WithAllAbove)];

    /// <summary>This, the disk of a partition, and what those are made of.</summary>
    public IEnumerable<BlockNode> WithAllBelow =>
        [this, .. (Disk == this ? [] : Disk.WithAllBelow), .. Names("slaves").SelectMany(node => node.WithAllBelow)];

    private IEnumerable<BlockNode> Above => [.. Partitions, .. Names("holders")];

    /// <summary>The numbers of its partitions, in order.</summary>
    public IEnumerable<int> PartitionNumbers =>
        Partitions.Select(node => int.Parse(Sysfs.TryRead($"{Class}/{node.Name}/partition") ?? "0", CultureInfo.InvariantCulture)).Order();

    private IEnumerable<BlockNode> Partitions
    {
        get
        {
            var folder = $"{Class}/{Name}";
            return Directory.Exists(folder)
                ? Directory.EnumerateDirectories(folder, $"{Name}*")
                    .Where(path => File.Exists($"{path}/partition"))
                    .Select(path => new BlockNode(System.IO.Path.GetFileName(path)))
                : [];
        }
    }

    /// <summary>The device that a path names, links followed; null when it is none.</summary>
    public static BlockNode? At(string path) =>
        StatxBuffer.Of(path) is { IsBlockDevice: true } status
            ? Numbered(string.Create(CultureInfo.InvariantCulture, $"{status.RdevMajor}:{status.RdevMinor}"))
            : null;

    /// <summary>The device of a number; null when there is none.</summary>
    public static BlockNode? Numbered(string number) =>
        new DirectoryInfo($"/sys/dev/block/{number}") is { Exists: true } link ? new BlockNode(System.IO.Path.GetFileName(link.ResolveLinkTarget(true)!.FullName)) : null;

    /// <summary>The partition of that number on a whole disk: a digit at the end of the disk's name is set off by a p.</summary>
    public BlockNode Partition(int number) => new(char.IsAsciiDigit(Name[^1]) ? $"{Name}p{number}" : $"{Name}{number}");

    private static string Real(string name) => new DirectoryInfo($"{Class}/{name}").ResolveLinkTarget(true)!.FullName;

    private IEnumerable<BlockNode> Names(string kind)
    {
        var folder = $"{Class}/{Name}/{kind}";
        return Directory.Exists(folder)
            ? Directory.EnumerateFileSystemEntries(folder).Select(path => new BlockNode(System.IO.Path.GetFileName(path)))
            : [];
    }
}
