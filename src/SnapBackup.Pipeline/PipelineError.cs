namespace SnapBackup.Pipeline;

/// <summary>Why the pipeline refused or failed.</summary>
public enum PipelineError
{
    /// <summary>A job document cannot be read, or says what cannot be done.</summary>
    InvalidJob,

    /// <summary>There is no job of that name.</summary>
    JobNotFound,

    /// <summary>There is a job of that name already.</summary>
    JobExists,

    /// <summary>The folder of the job documents is missing or may not be used.</summary>
    JobFolderUnusable,

    /// <summary>The run journal was written by a newer SnapBackup.</summary>
    JournalTooNew,

    /// <summary>The run journal cannot be opened, read or written.</summary>
    JournalUnusable,

    /// <summary>There is no run of that number.</summary>
    RunNotFound,

    /// <summary>The process that ran it died, or was stopped, before the run came to its end.</summary>
    RunInterrupted,

    /// <summary>The schedule database cannot be opened, read or written.</summary>
    SchedulerUnusable,
}
