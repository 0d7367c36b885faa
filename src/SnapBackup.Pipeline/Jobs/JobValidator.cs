using System.Numerics;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>
/// Says everything that is wrong with a job document at once. What only the disk can tell (a source that is missing,
/// a log that is too small, a log that is the source) is refused by the engine when the device is set up.
/// </summary>
/// <param name="cron">Knows what cron expressions mean.</param>
/// <param name="time">The clock by which a schedule is found to lie in the past.</param>
public sealed class JobValidator(ICronCalendar cron, TimeProvider time)
{
    /// <summary>Everything that is wrong with the job; empty when nothing is.</summary>
    /// <param name="job">The job.</param>
    public IReadOnlyList<JobProblem> FindProblems(JobDocument job)
    {
        var problems = new List<JobProblem>();
        CheckName(job.Name, problems);
        CheckPath("source", job.Source, "the disk, volume or image to back up", problems);
        CheckLogs(job.Source, job.Logs, problems);
        CheckPath("store", job.Store, "the folder that keeps the archives", problems);
        if (job.Schedule is { } schedule)
            CheckSchedule(schedule, problems);
        if (job.Keep < 1)
            problems.Add(new JobProblem("keep", $"{job.Keep} archives cannot be kept; write 1 or more, or leave it out to keep all."));
        CheckUnit(
            "blockSize", job.BlockSize, "the unit of preservation", DeviceSettings.MinBlockSize, DeviceSettings.MaxBlockSize, problems);
        CheckUnit(
            "changeGranularity", job.ChangeGranularity, "the unit of the change map", DeviceSettings.MinChangeGranularity, DeviceSettings.MaxChangeGranularity, problems);
        return problems;
    }

    /// <summary>
    /// Refuses a job that is not worth registering: one that has problems, or whose schedule has no time left. A document whose
    /// last time has passed is not broken: its run may be under way at this moment.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="place">Where it comes from, for the message.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.InvalidJob"/>.</exception>
    public void ThrowIfNotWorthRegistering(JobDocument job, string place)
    {
        ThrowIfInvalid(job, place);
        if (job.Schedule is { } schedule && NextAfter(schedule, time.GetUtcNow()) is null)
        {
            var problem = new JobProblem(
                "schedule.cron", $"'{schedule.Cron}' names no time from now on: it would never run. Look at its day, month and year.");
            throw new PipelineException(PipelineError.InvalidJob, $"{place}: {problem}");
        }
    }

    /// <summary>Refuses a job that has problems.</summary>
    /// <param name="job">The job.</param>
    /// <param name="place">Where it comes from, for the message: a path, or <c>job 'nightly'</c>.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.InvalidJob"/>; the message has a line for each problem.</exception>
    public void ThrowIfInvalid(JobDocument job, string place)
    {
        var problems = FindProblems(job);
        if (problems.Count > 0)
            throw new PipelineException(PipelineError.InvalidJob, $"{place}: {string.Join(Environment.NewLine + "  ", problems)}");
    }

    private static void CheckName(string? name, List<JobProblem> problems)
    {
        if (string.IsNullOrEmpty(name))
            problems.Add(new JobProblem("name", $"It is missing; a name has {JobName.Rule}."));
        else if (!JobName.IsValid(name))
            problems.Add(new JobProblem("name", $"'{name}' is not a name of a job; it has {JobName.Rule}."));
    }

    private static void CheckPath(string member, string? path, string meaning, List<JobProblem> problems)
    {
        if (string.IsNullOrEmpty(path))
            problems.Add(new JobProblem(member, $"It is missing; give the absolute path of {meaning}."));
        else if (!Path.IsPathRooted(path) || path.Contains('\0', StringComparison.Ordinal))
            problems.Add(new JobProblem(member, $"'{path}' is not an absolute path; give the absolute path of {meaning}."));
    }

    private static void CheckLogs(string? source, IReadOnlyList<JobLog>? logs, List<JobProblem> problems)
    {
        if (logs is not { Count: >= 1 and <= DeviceSettings.MaxLogs })
        {
            problems.Add(new JobProblem("logs", $"A job has 1 to {DeviceSettings.MaxLogs} logs, not {logs?.Count ?? 0}."));
            return;
        }

        var paths = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < logs.Count; index++)
        {
            var member = $"logs[{index}]";
            if (logs[index] is not { } log)
            {
                problems.Add(new JobProblem(member, "null is not a log; write an object with the member path."));
                continue;
            }

            CheckPath($"{member}.path", log.Path, "a file or block device for preserved blocks", problems);
            if (log.Path is not null && !paths.TryAdd(log.Path, index))
                problems.Add(new JobProblem($"{member}.path", $"'{log.Path}' is logs[{paths[log.Path]}] already; name another file or device."));
            if (log.Path is not null && string.Equals(log.Path, source, StringComparison.Ordinal))
                problems.Add(new JobProblem($"{member}.path", $"'{log.Path}' is the source; nothing is ever stored there. Name another file or device."));
            if (log.Size is { Bytes: < 1 })
                problems.Add(new JobProblem($"{member}.size", $"{log.Size} is no size for a log; write the bytes it may take, such as \"20GiB\"."));
        }
    }

    private static void CheckUnit(string member, ByteSize? size, string meaning, int least, int most, List<JobProblem> problems)
    {
        if (size is { Bytes: var bytes } && (bytes < least || bytes > most || !BitOperations.IsPow2(bytes)))
        {
            problems.Add(new JobProblem(
                member,
                $"{bytes} bytes cannot be {meaning}; write a power of two from \"{new ByteSize(least)}\" to \"{new ByteSize(most)}\", or leave it out."));
        }
    }

    private void CheckSchedule(JobSchedule schedule, List<JobProblem> problems)
    {
        var zoneIsKnown = TimeZoneInfo.TryFindSystemTimeZoneById(schedule.TimeZone ?? "", out _);
        if (!zoneIsKnown)
        {
            problems.Add(new JobProblem(
                "schedule.timeZone", $"'{schedule.TimeZone}' is not a time zone of this system; write an IANA name such as \"Europe/Berlin\" (package tzdata)."));
        }

        if (string.IsNullOrWhiteSpace(schedule.Cron) || !cron.IsValid(schedule.Cron))
        {
            problems.Add(new JobProblem(
                "schedule.cron",
                $"'{schedule.Cron}' is not a cron expression; write minute, hour, day, month and weekday, such as \"30 2 * * *\", or six fields with seconds first."));
        }
        else if (zoneIsKnown && NextAfter(schedule, DateTimeOffset.UnixEpoch) is null)
        {
            problems.Add(new JobProblem("schedule.cron", $"'{schedule.Cron}' names no time: it would never run. Look at its day, month and year."));
        }
    }

    private DateTimeOffset? NextAfter(JobSchedule schedule, DateTimeOffset from) =>
        cron.NextAfter(schedule.Cron, TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone), from);
}
