using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Model;

/// <summary>A point in time that was given a name: a snapshot, or the bookmark that is left of it.</summary>
/// <param name="name">The name.</param>
/// <param name="content">What the source held then.</param>
/// <param name="forms">As what it may be found.</param>
internal sealed class ExpectedPoint(string name, FrozenContent content, PointForms forms)
{
    public string Name => name;

    public FrozenContent Content { get; set; } = content;

    public PointForms Forms { get; set; } = forms;

    /// <summary>Whether its start has not been acknowledged: then it may also hold what the source is found to hold.</summary>
    public bool IsStarting { get; set; }

    /// <summary>Whether it was seen broken, so that its content is lost for good.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The sectors that somebody began to write since: no other counts as changed.</summary>
    public HashSet<int> Touched { get; init; } = [];

    public bool MayBe(PointForms form) => (Forms & form) != PointForms.None;

    /// <summary>Whether it may hold this, when it is found beside a source that holds <paramref name="onSource"/>.</summary>
    public bool MayHold(int sector, byte[] found, DiskImage onSource) =>
        Content.MayHold(sector, found) || (IsStarting && onSource.SectorEquals(sector, found));
}
