namespace SnapBackup.CrashTests.Model;

/// <summary>As what a point in time may be found again.</summary>
[Flags]
internal enum PointForms
{
    None = 0,

    /// <summary>Not at all.</summary>
    Gone = 1,

    /// <summary>As a snapshot: its content can be read.</summary>
    Snapshot = 2,

    /// <summary>As a bookmark: what changed since can be told.</summary>
    Bookmark = 4,
}
