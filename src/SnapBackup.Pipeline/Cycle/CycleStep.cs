namespace SnapBackup.Pipeline.Cycle;

/// <summary>The steps of a run, in their order.</summary>
public enum CycleStep
{
    /// <summary>
    /// Wait until no other run uses the source; clean up after runs of it that died; attach the snap device, unless it was there before.
    /// </summary>
    Prepare,

    /// <summary>Hold still what this machine has mounted from the origin, if anything.</summary>
    Freeze,

    /// <summary>Make everything written so far durable on the source.</summary>
    Flush,

    /// <summary>Start the snapshot.</summary>
    Start,

    /// <summary>Let go what was held still; the run fails if that took too long.</summary>
    Thaw,

    /// <summary>Read the snapshot into an archive in the store.</summary>
    Archive,

    /// <summary>End the snapshot.</summary>
    End,

    /// <summary>Let the snap device go, when this run attached it, and remove the logs that it made.</summary>
    Teardown,

    /// <summary>Remove the job's archives beyond the number it keeps.</summary>
    Retention,
}
