using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>A device of which nothing is in doubt: after it was opened and looked at, or before it is set up.</summary>
internal sealed record KnownState
{
    public required DiskImage Source { get; init; }

    public required IReadOnlyList<string> Logs { get; init; }

    public IReadOnlyList<KnownPoint> Points { get; init; } = [];

    public bool IsSetUp { get; init; } = true;

    public bool MayBreak { get; init; }

    /// <summary>A source, and no device yet.</summary>
    public static KnownState NotSetUp(DiskImage source, bool mayBreak) =>
        new() { Source = source, Logs = [], IsSetUp = false, MayBreak = mayBreak };
}
