namespace SnapBackup.Pipeline.Journal;

/// <summary>What a run makes that must go when its process dies.</summary>
internal enum LeftoverKind
{
    /// <summary>A log file that did not exist before.</summary>
    Log,

    /// <summary>The file of an archive that is not published yet.</summary>
    PartialArchive,
}
