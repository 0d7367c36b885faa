using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>A device of which nothing is in doubt: after it was opened and looked at, or before it is set up.</summary>
internal sealed record KnownState
{
    public required DiskImage Source { get; init; }

    public required IReadOnlyList<string> Logs { get; init; }

    public IReadOnlyList<KnownPoint> Points { get; init; } = [];

    public bool IsSetUp { get; init; } = true;

    /// <summary>As in <see cref="Expectation.MayBreak"/>.</summary>
    public bool MayBreak { get; init; }

    /// <summary>As in <see cref="Expectation.IsVolatile"/>.</summary>
    public bool IsVolatile { get; init; }
}
