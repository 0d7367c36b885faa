namespace SnapBackup.Pipeline.Jobs;

/// <summary>When a job's snap device is set up.</summary>
public enum AttachMode
{
    /// <summary>For each run, and taken down after it: nobody writes to the source meanwhile but through what the run set up.</summary>
    Run,

    /// <summary>As long as the service runs: the users of the disk write through its origin.</summary>
    Always,
}
