namespace SnapBackup.Service;

/// <summary>Why the service refused or failed.</summary>
public enum ServiceError
{
    /// <summary>Another service runs the jobs of the state folder.</summary>
    AlreadyRunning,

    /// <summary>The state folder cannot be made or written.</summary>
    StateFolderUnusable,

    /// <summary>Runs and devices were not taken down in time; the next start does the rest.</summary>
    StopTimedOut,
}
