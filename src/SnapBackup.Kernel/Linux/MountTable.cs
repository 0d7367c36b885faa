using SnapBackup.Blocks.Linux;

namespace SnapBackup.Kernel.Linux;

/// <summary>What is mounted in this process's name space, in the order in which it was mounted.</summary>
internal sealed class MountTable
{
    private readonly List<MountEntry> _entries;

    private MountTable(List<MountEntry> entries) => _entries = entries;

    /// <summary>The table as it is now.</summary>
    public static MountTable Read() => new([.. File.ReadLines("/proc/self/mountinfo").Select(MountEntry.Parse)]);

    /// <summary>What is mounted last at a path; null for nothing.</summary>
    public MountEntry? At(string path) => _entries.FindLast(entry => entry.Path.Equals(path, StringComparison.Ordinal));

    /// <summary>What is mounted from a block device, its partitions, and what was made of them.</summary>
    public IReadOnlyList<MountEntry> On(BlockNode device)
    {
        var nodes = device.WithAllAbove.ToHashSet();
        return [.. _entries.Where(entry => entry.Device is { } lies && nodes.Contains(lies))];
    }

    /// <summary>The file system that holds a path, or would hold what is made there; null when nothing can be said.</summary>
    public MountEntry? Holding(string path)
    {
        for (var there = path; there is not null; there = Path.GetDirectoryName(there))
        {
            if (StatxBuffer.Of(there) is { } status)
                return _entries.Find(entry => entry.Id == status.MountId);
        }

        return null;
    }
}
