namespace SnapBackup.Pipeline.Journal;

/// <summary>Why a run began.</summary>
public enum RunTrigger
{
    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>Its time had come.</summary>
    Scheduled,

    /// <summary>It stands in for one that was missed or interrupted.</summary>
    CaughtUp,
}
