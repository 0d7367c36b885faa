using SnapBackup.CrashTests.Model;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Scenarios;

/// <summary>The disks of a scenario and how the device is set up over them.</summary>
internal sealed record Geometry
{
    public const string Source = "source";

    /// <summary>In bytes, a multiple of 512.</summary>
    public required long SourceSize { get; init; }

    /// <summary>The sizes of the logs the device is set up with, in bytes.</summary>
    public required IReadOnlyList<long> LogSizes { get; init; }

    /// <summary>The size of each log that may be added.</summary>
    public required long SpareLogSize { get; init; }

    public int SpareLogs { get; init; } = 1;

    /// <summary>The size in bytes that logs may grow to; null when they do not grow.</summary>
    public long? GrowTo { get; init; }

    public int BlockSize { get; init; } = 4096;

    public required int ChangeGranularity { get; init; }

    public LogAllocation Allocation { get; init; }

    public LogDurability Durability { get; init; }

    /// <summary>Whether snapshots may break: because the logs are so small, or because they are volatile.</summary>
    public bool MayBreak { get; init; }

    /// <summary>The logs the device is set up with.</summary>
    public IReadOnlyList<string> Logs => [.. LogSizes.Select((_, number) => LogName(number))];

    /// <summary>The logs that may be added, in this order.</summary>
    public IReadOnlyList<string> Spares => [.. Enumerable.Range(LogSizes.Count, SpareLogs).Select(LogName)];

    /// <summary>The disks as they are before the device is set up: blank logs, and a source of data with a hole in its second quarter.</summary>
    public Dictionary<string, DiskImage> NewDisks()
    {
        var source = DiskImage.Of(TestPattern.Of(0, (int)SourceSize, 0));
        source.Write(SourceSize / 4, new byte[SourceSize / 4]);
        var disks = new Dictionary<string, DiskImage> { [Source] = source };
        foreach (var (name, size) in Logs.Zip(LogSizes).Concat(Spares.Select(name => (name, SpareLogSize))))
            disks.Add(name, DiskImage.Blank(size));
        return disks;
    }

    /// <summary>What is known before the device is set up.</summary>
    public KnownState NotSetUp(DiskImage source) => new()
    {
        Source = source,
        Logs = Logs,
        IsSetUp = false,
        MayBreak = MayBreak,
        IsVolatile = Durability == LogDurability.Volatile,
    };

    /// <summary>What is known of a device that was just set up.</summary>
    public KnownState SetUp(DiskImage source) => NotSetUp(source) with { IsSetUp = true };

    private static string LogName(int number) => $"log{number}";
}
