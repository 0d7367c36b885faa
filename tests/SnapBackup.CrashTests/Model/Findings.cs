using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>All that an open device shows of itself.</summary>
internal sealed record Findings
{
    /// <summary>What was read through the origin.</summary>
    public required DiskImage Source { get; init; }

    public required IReadOnlyList<string> Logs { get; init; }

    public IReadOnlyList<FoundSnapshot> Snapshots { get; init; } = [];

    public IReadOnlyList<string> Bookmarks { get; init; } = [];

    public IReadOnlyList<FoundOverlay> Overlays { get; init; } = [];

    public IReadOnlyList<FoundComparison> Comparisons { get; init; } = [];

    /// <summary>In what steps changes are told, in bytes.</summary>
    public required int ChangeGranularity { get; init; }
}
