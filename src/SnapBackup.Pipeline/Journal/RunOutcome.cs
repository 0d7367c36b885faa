namespace SnapBackup.Pipeline.Journal;

/// <summary>How a run, or a step of one, ended.</summary>
public enum RunOutcome
{
    /// <summary>It has not ended.</summary>
    Running,

    /// <summary>All is well.</summary>
    Succeeded,

    /// <summary>An error ended it.</summary>
    Failed,

    /// <summary>Somebody asked it to stop.</summary>
    Cancelled,

    /// <summary>Its process died or was stopped before it came to its end.</summary>
    Interrupted,
}
