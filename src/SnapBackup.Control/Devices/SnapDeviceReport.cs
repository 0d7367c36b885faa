using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>What a check of a device's logs has shown.</summary>
public sealed record SnapDeviceReport
{
    /// <summary>The name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>Whether nothing was found.</summary>
    public required bool IsClean { get; init; }

    /// <summary>How many findings there were.</summary>
    public required long FindingCount { get; init; }

    /// <summary>What was found, in the order in which it was, up to <see cref="CheckReport.MostFindings"/>.</summary>
    public required IReadOnlyList<CheckFinding> Findings { get; init; }

    /// <summary>The snapshots that are harmed or will be when the device is attached again, by name.</summary>
    public required IReadOnlyList<string> HarmedSnapshots { get; init; }

    /// <summary>Bytes read from the logs.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Segments in use that were verified.</summary>
    public required long Segments { get; init; }

    /// <summary>Commit groups that were verified.</summary>
    public required long CommitGroups { get; init; }

    /// <summary>Records that were verified, with their data where they have some.</summary>
    public required long Records { get; init; }

    internal static SnapDeviceReport Of(string device, CheckReport report) => new()
    {
        Device = device,
        IsClean = report.IsClean,
        FindingCount = report.FindingCount,
        Findings = report.Findings,
        HarmedSnapshots = [.. report.Findings.SelectMany(finding => finding.Snapshots).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        BytesRead = report.BytesRead,
        Segments = report.Segments,
        CommitGroups = report.CommitGroups,
        Records = report.Records,
    };
}
