namespace SnapBackup.Control.Devices;

/// <summary>What is kept of a point in time.</summary>
public enum PointState
{
    /// <summary>A snapshot: every read returns what the source held when it started.</summary>
    Active,

    /// <summary>
    /// A snapshot in whose start on several devices a crash came: it is not known yet whether all of them have it, so it cannot be read
    /// until they are attached too.
    /// </summary>
    Unconfirmed,

    /// <summary>A snapshot that could not be kept: reads fail and name why. The source was not affected.</summary>
    Broken,

    /// <summary>A bookmark: of a snapshot that was ended, what has changed since.</summary>
    Bookmark,

    /// <summary>A bookmark since which it is no longer known what has changed.</summary>
    ChangesLost,
}
