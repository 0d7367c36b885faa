using SnapBackup.Control.Jobs;

namespace SnapBackup.Service;

/// <summary>Says of each job document whether it can be used.</summary>
internal static class DocumentCheck
{
    /// <returns>The exit code.</returns>
    public static int Run(JobControl jobs, string folder, TextWriter output, TextWriter problems)
    {
        if (!Directory.Exists(folder))
        {
            problems.WriteLine($"{folder}: there is no such folder. Job documents are read from the folder 'jobs' of the state folder (--state).");
            return ExitCode.Failure;
        }

        var all = jobs.List();
        foreach (var job in all)
        {
            if (job.Problem is null)
                output.WriteLine($"{job.Name}: ok, {Describe(job)}");
            else
                problems.WriteLine(job.Problem);
        }

        var broken = all.Count(job => job.Problem is not null);
        output.WriteLine($"{folder}: {all.Count} job(s), {broken} that cannot be used");
        return broken == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static string Describe(SnapBackupJobInfo job) =>
        job.NextRun is { } next ? $"runs next at {next.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "runs when asked to";
}
