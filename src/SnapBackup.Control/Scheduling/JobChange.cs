namespace SnapBackup.Control.Scheduling;

/// <summary>What became of a job's document.</summary>
public enum JobChange
{
    /// <summary>It is there for the first time, or was there when the service started.</summary>
    Added,

    /// <summary>It says something else than before.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,
}
