using System.Globalization;

namespace SnapBackup.Blocks.Linux;

/// <summary>What sysfs says about a block device.</summary>
internal sealed class SysfsDisk
{
    private const int Sector = 512;
    private const int SectorsWritten = 6;
    private const int SectorsDiscarded = 13;

    private static readonly string[] NameFiles =
        ["wwid", "device/wwid", "serial", "device/serial", "dm/uuid", "loop/backing_file", "loop/offset"];

    private readonly string _folder;

    /// <summary>The folder of the whole disk, which is the same unless this is a partition.</summary>
    private readonly string _diskFolder;

    private SysfsDisk(string folder)
    {
        _folder = folder;
        _diskFolder = IsPartition(folder) ? Path.GetDirectoryName(folder)! : folder;
    }

    /// <summary>What tells it from other disks and lasts: names and serial numbers, and where a partition begins.</summary>
    public IReadOnlyList<string> Names => [
        .. NameFiles.Select(name => Sysfs.TryRead(Path.Combine(_diskFolder, name))).OfType<string>(),
        .. StartOf(_folder) is { } start ? [string.Create(CultureInfo.InvariantCulture, $"start {start}")] : Array.Empty<string>(),
    ];

    /// <summary>How many sectors were written and discarded through this node since the kernel knows it; null when it does not count.</summary>
    public long? SectorsChanged
    {
        get
        {
            var fields = Sysfs.TryRead(Path.Combine(_folder, "stat"))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            return fields.Length > SectorsWritten
                ? Number(fields[SectorsWritten]) + (fields.Length > SectorsDiscarded ? Number(fields[SectorsDiscarded]) : 0)
                : null;
        }
    }

    /// <summary>Another one for every medium that was put in or device that was attached; null on kernels before 5.15.</summary>
    public string? MediumSequence => Sysfs.TryRead(Path.Combine(_diskFolder, "diskseq"));

    /// <summary>The file that a whole loop device stands on, as far as it has a name.</summary>
    public string? LoopFile => Sysfs.TryRead(Path.Combine(_folder, "loop/backing_file"));

    /// <summary>Where the partitions of a whole disk begin, in bytes, in order.</summary>
    public IReadOnlyList<long> PartitionStarts => [
        .. Directory.EnumerateDirectories(_folder).Where(IsPartition).Select(StartOf).OfType<long>().Order(),
    ];

    /// <summary>The folder of a block device; null where there is no sysfs.</summary>
    public static SysfsDisk? Of(FileIdentity identity)
    {
        var (major, minor) = (identity.Device >> 32, identity.Device & uint.MaxValue);
        var link = new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{major}:{minor}"));
        return link.Exists && link.ResolveLinkTarget(returnFinalTarget: true) is { } folder ? new SysfsDisk(folder.FullName) : null;
    }

    private static bool IsPartition(string folder) => File.Exists(Path.Combine(folder, "partition"));

    private static long? StartOf(string partition) =>
        Sysfs.TryRead(Path.Combine(partition, "start")) is { } sectors ? Number(sectors) * Sector : null;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
