namespace SnapBackup.Engine;

/// <summary>What a check verified, and what it found.</summary>
public sealed record CheckReport
{
    /// <summary>How many findings a report holds at the most.</summary>
    public const int MostFindings = 1000;

    /// <summary>The findings in the order in which they were made, the first <see cref="MostFindings"/> of them.</summary>
    public required IReadOnlyList<CheckFinding> Findings { get; init; }

    /// <summary>How many findings there were.</summary>
    public required long FindingCount { get; init; }

    /// <summary>Bytes read from the logs.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Segments in use that were verified.</summary>
    public required long Segments { get; init; }

    /// <summary>Commit groups that were verified.</summary>
    public required long CommitGroups { get; init; }

    /// <summary>Records that were verified, with their data where they have some.</summary>
    public required long Records { get; init; }

    /// <summary>Whether nothing was found.</summary>
    public bool IsClean => FindingCount == 0;
}
