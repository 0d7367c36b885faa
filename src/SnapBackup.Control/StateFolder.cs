namespace SnapBackup.Control;

/// <summary>
/// The folder that keeps what outlives a process: job documents, the record of runs, the schedule. A service and a shell
/// that use the same folder see the same jobs and runs.
/// </summary>
/// <param name="path">The folder's absolute path; made when it is first needed.</param>
public sealed class StateFolder(string path)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "SNAPBACKUP_STATE";

    private const string ForRoot = "/var/lib/snapbackup";

    /// <summary>
    /// The folder that <see cref="Variable"/> names; else <c>/var/lib/snapbackup</c> for root and
    /// <c>~/.local/state/snapbackup</c> (the XDG base directories) for others.
    /// </summary>
    public static StateFolder Default
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
                return new StateFolder(System.IO.Path.GetFullPath(named));
            if (Environment.IsPrivilegedProcess)
                return new StateFolder(ForRoot);
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } xdg
                ? xdg
                : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state");
            return new StateFolder(System.IO.Path.Combine(state, "snapbackup"));
        }
    }

    /// <summary>The folder itself.</summary>
    public string Path => path;

    /// <summary>The folder of the job documents.</summary>
    public string Jobs => System.IO.Path.Combine(path, "jobs");

    /// <summary>The SQLite file that records the runs.</summary>
    public string Journal => System.IO.Path.Combine(path, "runs.db");

    /// <summary>The SQLite file that keeps the schedule.</summary>
    public string Schedule => System.IO.Path.Combine(path, "schedule.db");

    /// <summary>The socket that the service serves its devices on.</summary>
    public string Socket => System.IO.Path.Combine(path, "nbd.sock");
}
