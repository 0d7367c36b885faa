namespace SnapBackup.Engine.Checking;

/// <summary>Gathers the report of a check that is under way.</summary>
internal sealed class CheckResults
{
    private readonly List<CheckFinding> _findings = [];
    private long _findingCount;

    public long BytesRead { get; set; }

    public long Segments { get; set; }

    public long CommitGroups { get; set; }

    public long Records { get; set; }

    public void Add(CheckFinding finding)
    {
        _findingCount++;
        if (_findings.Count < CheckReport.MostFindings)
            _findings.Add(finding);
    }

    public CheckReport ToReport() => new()
    {
        Findings = _findings,
        FindingCount = _findingCount,
        BytesRead = BytesRead,
        Segments = Segments,
        CommitGroups = CommitGroups,
        Records = Records,
    };
}
