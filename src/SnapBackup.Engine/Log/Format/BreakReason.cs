namespace SnapBackup.Engine.Log.Format;

/// <summary>Why a snapshot is broken, as a catalog remembers it. The values are those of the log format.</summary>
internal enum BreakReason : byte
{
    /// <summary>It is not broken.</summary>
    None = 0,

    /// <summary>No log had room.</summary>
    LogFull = 1,

    /// <summary>A log failed, and no other had room.</summary>
    LogFailed = 2,

    /// <summary>A log lost what was stored on it.</summary>
    LogDamaged = 3,

    /// <summary>The source was written while it was not attached.</summary>
    SourceChanged = 4,

    /// <summary>It was kept without flushing the log, which does not survive the end of the process.</summary>
    Volatile = 5,

    /// <summary>Something failed that nobody thought of.</summary>
    Unexpected = 6,
}
