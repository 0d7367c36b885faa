using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>
/// Runs the jobs of a folder at their times. The schedule is kept in SQLite: what was due while nobody ran is known, and
/// caught up or skipped as the job says.
/// </summary>
/// <remarks>
/// In this order: open, <see cref="SyncAsync"/> with what the folder holds, <see cref="StartAsync"/>, then sync again
/// whenever the folder changed. These calls must not overlap.
/// </remarks>
public sealed class BackupScheduler : IAsyncDisposable
{
    /// <summary>More than there will be jobs: each fires at its time, and <see cref="RunLimit"/> says when it runs.</summary>
    private const int MaxConcurrentFirings = 10_000;

    private readonly StandaloneSchedulerFactory _factory;
    private readonly IScheduler _scheduler;
    private readonly CatchUp _catchUp;
    private readonly BackupCycle _cycle;
    private readonly RunLimit _limit;
    private readonly string _databasePath;

    private BackupScheduler(StandaloneSchedulerFactory factory, IScheduler scheduler, BackupCycle cycle, RunLimit limit, RunJournal journal, string databasePath)
    {
        _factory = factory;
        _scheduler = scheduler;
        _cycle = cycle;
        _limit = limit;
        _catchUp = new CatchUp(scheduler, journal);
        _databasePath = databasePath;
    }

    /// <summary>Opens the schedule; nothing is run yet.</summary>
    /// <param name="options">Where it is kept, and how much is run at once.</param>
    /// <param name="jobs">The folder that a job is read from each time it runs.</param>
    /// <param name="cycle">Runs the jobs; <see cref="StopAsync"/> disposes it.</param>
    /// <param name="journal">The record of the runs; the caller's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Told about every run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.SchedulerUnusable"/>.</exception>
    public static async Task<BackupScheduler> OpenAsync(
        BackupSchedulerOptions options,
        JobFolder jobs,
        BackupCycle cycle,
        RunJournal journal,
        TimeProvider time,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var path = Path.GetFullPath(options.DatabasePath);
        return await GuardAsync(path, async () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var limit = new RunLimit(options.MaxConcurrentRuns);
            var factory = QuartzSchedulerBuilder.Create(quartz => Configure(quartz, options, path, time)
                .UseJobFactory(new BackupJobFactory(jobs, cycle, limit, progress))).Build();
            try
            {
                var scheduler = await factory.GetScheduler(cancellationToken).ConfigureAwait(false);
                return new BackupScheduler(factory, scheduler, cycle, limit, journal, path);
            }
            catch
            {
                await factory.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes the schedule that of the documents: adds, changes and removes. A job whose schedule did not change keeps the
    /// time it waits for, also a missed one; so does one whose document is broken at the moment.
    /// </summary>
    /// <param name="content">What the folder holds.</param>
    /// <param name="cancellationToken">Gives up; a later sync completes what is missing.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.SchedulerUnusable"/>.</exception>
    public Task SyncAsync(JobFolderContent content, CancellationToken cancellationToken = default) => GuardAsync(_databasePath, async () =>
    {
        var wanted = content.Jobs.Where(job => job.Schedule is not null).ToDictionary(job => job.Name, StringComparer.Ordinal);
        var scheduled = await ListTriggersAsync(cancellationToken).ConfigureAwait(false);
        foreach (var name in scheduled.Keys.Where(name => !wanted.ContainsKey(name) && !content.Broken.ContainsKey(name)))
            await _scheduler.DeleteJob(ScheduleKeys.JobOf(name), cancellationToken).ConfigureAwait(false);
        foreach (var job in wanted.Values.Where(job => !IsCurrent(scheduled.GetValueOrDefault(job.Name), job.Schedule!) && HasTimeLeft(job.Schedule!)))
            await ScheduleAsync(job.Name, job.Schedule!, cancellationToken).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>Begins to run jobs, those first that are to be caught up.</summary>
    /// <param name="content">What the folder holds; as given to the last sync.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names of jobs that are caught up because their last run was interrupted or did not come about.</returns>
    /// <exception cref="PipelineException"><see cref="PipelineError.SchedulerUnusable"/> or <see cref="PipelineError.JournalUnusable"/>.</exception>
    public Task<IReadOnlyList<string>> StartAsync(JobFolderContent content, CancellationToken cancellationToken = default) =>
        GuardAsync(_databasePath, async () =>
        {
            var caughtUp = await ScheduleCatchUpAsync(content, cancellationToken).ConfigureAwait(false);
            await _scheduler.Start(cancellationToken).ConfigureAwait(false);
            return caughtUp;
        }, cancellationToken);

    /// <summary>The jobs in the schedule, by name.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PipelineException"><see cref="PipelineError.SchedulerUnusable"/>.</exception>
    public Task<IReadOnlyList<ScheduledJob>> ListAsync(CancellationToken cancellationToken = default) => GuardAsync<IReadOnlyList<ScheduledJob>>(
        _databasePath,
        async () =>
        {
            var triggers = await ListTriggersAsync(cancellationToken).ConfigureAwait(false);
            return
            [
                .. triggers.Values
                    .OrderBy(trigger => trigger.Key.Name, StringComparer.Ordinal)
                    .Select(trigger => new ScheduledJob(trigger.Key.Name, trigger.NextFireTimeUtc, trigger.PreviousFireTimeUtc)),
            ];
        },
        cancellationToken);

    /// <summary>
    /// Stops because the process is to end: nothing is fired any more, and the runs under way are interrupted, also those that
    /// wait for others to end.
    /// </summary>
    /// <param name="cancellationToken">
    /// Gives up waiting, at once: also for Quartz' own attempts to reach a database that is gone. What is not done then is
    /// done by the recovery of the next start.
    /// </param>
    /// <exception cref="OperationCanceledException">It gave up.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _limit.DisposeAsync().ConfigureAwait(false);
        await _scheduler.Standby(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        await _cycle.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        await _scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested(); // told to give up, Quartz just returns
    }

    /// <summary>Stops without waiting for runs under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _limit.DisposeAsync().ConfigureAwait(false);
        await _factory.DisposeAsync().ConfigureAwait(false);
    }

    internal Task<IReadOnlyList<string>> ScheduleCatchUpAsync(JobFolderContent content, CancellationToken cancellationToken = default) =>
        _catchUp.ScheduleAsync(content.Jobs, cancellationToken);

    private static IQuartzBuilder Configure(IQuartzBuilder quartz, BackupSchedulerOptions options, string path, TimeProvider time)
    {
        if (options.Loggers is not null)
            quartz.Services.AddSingleton(options.Loggers);
        var connection = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
        return quartz
            .ConfigureScheduler(scheduler => scheduler.InstanceName = "SnapBackup")
            .UseTimeProvider(time)
            .UseDefaultThreadPool(MaxConcurrentFirings)
            .UsePersistentStore(store => store
                .UseSqlite(connection)
                .UseSystemTextJsonSerializer()
                .ProvisionSchema()
                .ConfigureStore(ado =>
                {
                    ado.MisfireThreshold = ScheduleKeys.MisfireThreshold;
                    ado.UseBackgroundThreads = true; // else they keep a process alive that gave up stopping
                }));
    }

    private static bool IsCurrent(TriggerHeader? trigger, JobSchedule schedule) =>
        trigger is not null
        && trigger.State != TriggerState.Error
        && string.Equals(trigger.Description, ScheduleKeys.Describe(schedule), StringComparison.Ordinal);

    /// <summary>Quartz forgets a trigger after its last time and refuses one that has none.</summary>
    private bool HasTimeLeft(JobSchedule schedule) => QuartzCronCalendar
        .Parse(schedule.Cron, TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone))
        .GetNextValidTimeAfter(_scheduler.TimeProvider.GetUtcNow()) is not null;

    private async Task<Dictionary<string, TriggerHeader>> ListTriggersAsync(CancellationToken cancellationToken)
    {
        var query = new TriggerQuery { Group = GroupMatcher<TriggerKey>.GroupEquals(ScheduleKeys.Cron), Take = PagedQuery.All };
        var page = await _scheduler.QueryTriggers(query, cancellationToken).ConfigureAwait(false);
        return page.Items.ToDictionary(trigger => trigger.Key.Name, StringComparer.Ordinal);
    }

    private async Task ScheduleAsync(string name, JobSchedule schedule, CancellationToken cancellationToken)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone);
        var missed = schedule.Missed == MissedRuns.CatchUp ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing;
        var cron = CronScheduleBuilder.Create(QuartzCronCalendar.Parse(schedule.Cron, zone)).WithMisfireInstruction(missed);
        var trigger = TriggerBuilder.Create(_scheduler.TimeProvider)
            .WithIdentity(ScheduleKeys.CronOf(name))
            .WithDescription(ScheduleKeys.Describe(schedule))
            .ForJob(ScheduleKeys.JobOf(name))
            .WithSchedule(cron)
            .Build();
        await _scheduler.ScheduleJob(BackupQuartzJob.DetailOf(name), [trigger], ScheduleJobOptions.Replacing, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<T> GuardAsync<T>(string path, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (SchedulerException exception) when (cancellationToken.IsCancellationRequested && exception.GetBaseException() is OperationCanceledException)
        {
            // Told to give up within a transaction, Quartz blames the database.
            throw new OperationCanceledException("Told to give up.", exception, cancellationToken);
        }
        catch (Exception exception) when (exception is SchedulerException or SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new PipelineException(
                PipelineError.SchedulerUnusable,
                $"{path}: the schedule cannot be used: {exception.Message} Look at its folder's permissions and free space; "
                + "a damaged file may be moved away, it is made anew from the job documents.",
                exception);
        }
    }
}
