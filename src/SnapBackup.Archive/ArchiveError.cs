namespace SnapBackup.Archive;

/// <summary>Why an archive operation refused or failed.</summary>
public enum ArchiveError
{
    /// <summary>An option is outside its range; nothing was done.</summary>
    InvalidOption,

    /// <summary>The device to archive has no bytes, or more than an archive of this frame size can hold.</summary>
    UnsupportedSource,

    /// <summary>There is no such store, or no such archive in it.</summary>
    NotFound,

    /// <summary>The caller may not read or change the store.</summary>
    AccessDenied,

    /// <summary>The store has no room left.</summary>
    NoSpace,

    /// <summary>The store failed a request.</summary>
    StoreFailed,

    /// <summary>The file is something else than an archive of ours.</summary>
    NotAnArchive,

    /// <summary>The file begins as an archive but its end is not there.</summary>
    Truncated,

    /// <summary>A newer version of the program wrote it.</summary>
    UnsupportedVersion,

    /// <summary>A length or count in the file is beyond what any archive may have.</summary>
    LimitExceeded,

    /// <summary>What the file holds is not what was written.</summary>
    Damaged,

    /// <summary>The target of a restore exists and overwriting it was not asked for, or it is the archive itself.</summary>
    TargetRefused,

    /// <summary>The target of a restore is smaller than the image.</summary>
    TargetTooSmall,

    /// <summary>A restore into an existing target failed in the middle: the target says so in its first sector.</summary>
    RestoreUnfinished,
}
