namespace SnapBackup.Engine;

/// <summary>Something that a check found to be other than it should be.</summary>
public sealed record CheckFinding
{
    /// <summary>What it is about.</summary>
    public required CheckFindingKind Kind { get; init; }

    /// <summary>What it means for what is kept.</summary>
    public required CheckSeverity Severity { get; init; }

    /// <summary>The name of the log; null when it is about the device's own memory.</summary>
    public string? Log { get; init; }

    /// <summary>Where on the log, in bytes.</summary>
    public long? Offset { get; init; }

    /// <summary>The epoch of the records concerned.</summary>
    public long? Epoch { get; init; }

    /// <summary>The snapshots that cannot be read whole because of it, or that will be broken by it when the device is opened again.</summary>
    public IReadOnlyList<string> Snapshots { get; init; } = [];

    /// <summary>The thing, what is wrong with it and what to do.</summary>
    public required string Message { get; init; }
}
