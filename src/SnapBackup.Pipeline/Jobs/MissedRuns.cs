namespace SnapBackup.Pipeline.Jobs;

/// <summary>What becomes of runs whose time passed, or which were cut short, while the scheduler was not running.</summary>
public enum MissedRuns
{
    /// <summary>One run follows at once, however many were missed.</summary>
    CatchUp,

    /// <summary>Nothing happens until the next time of the schedule.</summary>
    Skip,
}
