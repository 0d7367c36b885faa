namespace SnapBackup.Pipeline.Cycle;

/// <summary>The steps of a run, in their order.</summary>
public enum CycleStep
{
    /// <summary>Wait until no other run uses the source; set the snap device up, unless it was there before.</summary>
    Prepare,

    /// <summary>Make everything written so far durable on the source.</summary>
    Flush,

    /// <summary>Start the snapshot.</summary>
    Start,

    /// <summary>Read the snapshot into an archive in the store.</summary>
    Archive,

    /// <summary>End the snapshot.</summary>
    End,

    /// <summary>Take the snap device down, when this run set it up, and remove the logs that it made.</summary>
    Teardown,

    /// <summary>Remove the job's archives beyond the number it keeps.</summary>
    Retention,
}
