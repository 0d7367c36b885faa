namespace SnapBackup.Pipeline.Journal;

/// <summary>What a run makes that must go when its process dies.</summary>
internal enum LeftoverKind
{
    /// <summary>A log file that did not exist before; the path is its own.</summary>
    Log,

    /// <summary>An archive that is not published yet; the path is its store's.</summary>
    PartialArchive,

    /// <summary>The run's snapshot on logs that do not go with the run; the path is that of one of all the device's logs.</summary>
    Snapshot,
}
