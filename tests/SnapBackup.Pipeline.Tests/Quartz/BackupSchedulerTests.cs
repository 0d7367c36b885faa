using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Quartz;

public sealed class BackupSchedulerTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Evening = new(2026, 3, 1, 20, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset FirstNight = new(2026, 3, 2, 2, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset SecondNight = FirstNight.AddDays(1);
    private static readonly DateTimeOffset SecondNoon = new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ThirdNight = SecondNight.AddDays(1);

    private readonly SchedulerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_job_runs_at_its_time()
    {
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1));

        var result = await process.NextRunAsync();

        Assert.Null(result.Error);
        Assert.Equal(RunTrigger.Scheduled, result.Run.Trigger);
        Assert.InRange(result.Run.Started, FirstNight, FirstNight.AddMinutes(1));
        await process.StopAsync();
        Assert.Single(process.Runs);
    }

    [Fact]
    public async Task A_job_with_one_time_runs_then_and_is_over()
    {
        var once = _fixture.Job with { Schedule = new JobSchedule { Cron = "0 30 2 2 3 ? 2026" } };
        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder.Path, "nightly.json"), JobJson.Write(once), TestContext.Current.CancellationToken);
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1));

        Assert.Null((await process.NextRunAsync()).Error);

        await process.Scheduler.SyncAsync(_fixture.Folder.ReadAll());
        Assert.Empty(await process.Scheduler.ListAsync());
    }

    [Fact]
    public async Task The_time_zone_of_the_job_counts()
    {
        Change(schedule => schedule with { TimeZone = "Asia/Tokyo" });

        var process = await _fixture.StartProcessAsync(Evening);

        Assert.Equal(new DateTimeOffset(2026, 3, 2, 2, 30, 0, TimeSpan.FromHours(9)).AddDays(1), (await process.ScheduledAsync()).Next);
    }

    [Fact]
    public async Task Missed_runs_are_caught_up_by_one()
    {
        await (await _fixture.StartProcessAsync(Evening)).StopAsync();

        var process = await _fixture.StartProcessAsync(SecondNoon, start: false);
        Assert.Equal(FirstNight, (await process.ScheduledAsync()).Next);
        Assert.Empty(await process.Scheduler.StartAsync(_fixture.Folder.ReadAll()));

        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), OutcomeOf(await process.NextRunAsync()));
        Assert.Equal(ThirdNight, (await process.ScheduledAsync()).Next);
        await process.StopAsync();
        Assert.Single(process.Runs);
    }

    [Fact]
    public async Task Missed_runs_are_skipped_when_the_job_says_so()
    {
        Change(schedule => schedule with { Missed = MissedRuns.Skip });
        await (await _fixture.StartProcessAsync(Evening)).StopAsync();

        var process = await _fixture.StartProcessAsync(SecondNoon);

        Assert.Equal(ThirdNight, (await process.ScheduledAsync()).Next);
        await process.StopAsync();
        Assert.Empty(process.Runs);
    }

    [Fact]
    public async Task An_interrupted_run_is_caught_up_once()
    {
        await InterruptRunAsync();

        var process = await _fixture.StartProcessAsync(FirstNight.AddHours(1));
        Assert.Equal(["nightly"], process.CaughtUp);
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), OutcomeOf(await process.NextRunAsync()));
        Assert.Equal(SecondNight, (await process.ScheduledAsync()).Next);
        await process.StopAsync();

        var later = await _fixture.StartProcessAsync(FirstNight.AddHours(2));
        Assert.Empty(later.CaughtUp);
        await later.StopAsync();
        Assert.Equal([RunOutcome.Succeeded, RunOutcome.Interrupted], later.Runs.Select(run => run.Outcome));
    }

    [Fact]
    public async Task An_interrupted_run_and_a_missed_one_are_caught_up_by_one()
    {
        await InterruptRunAsync();

        var process = await _fixture.StartProcessAsync(SecondNoon);

        Assert.Empty(process.CaughtUp);
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), OutcomeOf(await process.NextRunAsync()));
        Assert.Equal(ThirdNight, (await process.ScheduledAsync()).Next);
        await process.StopAsync();
        Assert.Equal([RunOutcome.Succeeded, RunOutcome.Interrupted], process.Runs.Select(run => run.Outcome));
    }

    [Fact]
    public async Task An_interrupted_run_is_skipped_when_the_job_says_so()
    {
        Change(schedule => schedule with { Missed = MissedRuns.Skip });
        await InterruptRunAsync();

        var process = await _fixture.StartProcessAsync(FirstNight.AddHours(1));

        Assert.Empty(process.CaughtUp);
        await process.StopAsync();
        Assert.Equal(RunOutcome.Interrupted, Assert.Single(process.Runs).Outcome);
    }

    [Fact]
    public async Task A_catch_up_that_did_not_come_about_is_not_doubled()
    {
        await InterruptRunAsync();
        for (var life = 0; life < 2; life++)
        {
            var dying = await _fixture.StartProcessAsync(FirstNight.AddHours(1), start: false);
            Assert.Equal(["nightly"], await dying.Scheduler.ScheduleCatchUpAsync(_fixture.Folder.ReadAll()));
            await dying.Scheduler.DisposeAsync();
        }

        var process = await _fixture.StartProcessAsync(FirstNight.AddHours(1));
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), OutcomeOf(await process.NextRunAsync()));
        await process.StopAsync();

        Assert.Equal([RunOutcome.Succeeded, RunOutcome.Interrupted], process.Runs.Select(run => run.Outcome));
    }

    [Fact]
    public async Task A_firing_that_left_no_run_is_caught_up()
    {
        var first = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1));
        await first.NextRunAsync();
        await first.StopAsync();
        await first.DisposeAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(_fixture["x"])!, "runs.db*"))
            File.Delete(file);

        var process = await _fixture.StartProcessAsync(FirstNight.AddHours(1));

        Assert.Equal(["nightly"], process.CaughtUp);
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), OutcomeOf(await process.NextRunAsync()));
    }

    [Fact]
    public async Task The_schedule_follows_the_documents()
    {
        var process = await _fixture.StartProcessAsync(Evening);
        _fixture.Folder.Write(_fixture.Job with { Name = "weekly", Schedule = new JobSchedule { Cron = "0 4 * * 0" } });
        _fixture.Folder.Write(_fixture.Job with { Name = "by-hand", Schedule = null });
        await process.Scheduler.SyncAsync(_fixture.Folder.ReadAll());
        Assert.Equal(["nightly", "weekly"], await NamesAsync());

        Change(schedule => schedule with { Cron = "45 2 * * *" });
        _fixture.Folder.Remove("weekly");
        await process.Scheduler.SyncAsync(_fixture.Folder.ReadAll());
        Assert.Equal(FirstNight.AddMinutes(15), (await process.ScheduledAsync()).Next);

        _fixture.Folder.Write(_fixture.Job with { Schedule = null }, replace: true);
        await process.Scheduler.SyncAsync(_fixture.Folder.ReadAll());
        Assert.Empty(await NamesAsync());

        async Task<IEnumerable<string>> NamesAsync() => (await process.Scheduler.ListAsync()).Select(job => job.Name);
    }

    [Fact]
    public async Task A_broken_document_keeps_its_time_and_its_run_fails_with_the_reason()
    {
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-2));
        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder.Path, "nightly.json"), "{ \"name\": ", TestContext.Current.CancellationToken);

        await process.Scheduler.SyncAsync(_fixture.Folder.ReadAll());
        Assert.Equal(FirstNight, (await process.ScheduledAsync()).Next);
        var run = (await process.NextRunAsync()).Run;

        Assert.Equal((RunOutcome.Failed, "PipelineError.InvalidJob"), (run.Outcome, run.ErrorId));
        Assert.Contains("nightly.json", run.ErrorMessage, StringComparison.Ordinal);
        Assert.Null(run.Source);
    }

    [Fact]
    public async Task An_interrupted_run_of_a_job_with_no_time_left_is_caught_up_once()
    {
        var once = _fixture.Job with { Schedule = new JobSchedule { Cron = "0 30 2 2 3 ? 2026" } };
        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder.Path, "nightly.json"), JobJson.Write(once), TestContext.Current.CancellationToken);
        await InterruptRunAsync();
        var dying = await _fixture.StartProcessAsync(FirstNight.AddHours(1), start: false);
        Assert.Equal(["nightly"], await dying.Scheduler.ScheduleCatchUpAsync(_fixture.Folder.ReadAll()));
        await dying.Scheduler.DisposeAsync();

        var process = await _fixture.StartProcessAsync(FirstNight.AddHours(1));
        Assert.Equal(["nightly"], process.CaughtUp);
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), OutcomeOf(await process.NextRunAsync()));
        await process.StopAsync();

        var later = await _fixture.StartProcessAsync(FirstNight.AddHours(2));
        Assert.Empty(later.CaughtUp);
        await later.StopAsync();
        Assert.Equal([RunOutcome.Succeeded, RunOutcome.Interrupted], later.Runs.Select(run => run.Outcome));
    }

    [Fact]
    public async Task Jobs_beyond_the_limit_fire_at_their_time_and_run_one_after_the_other()
    {
        using var release = new ManualResetEventSlim();
        var process = await StartTwoJobsAsync(release);
        Assert.Single(process.Runs);

        release.Set();

        Assert.Equal(RunOutcome.Succeeded, (await process.NextRunAsync()).Run.Outcome);
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.Scheduled), OutcomeOf(await process.NextRunAsync()));
        Assert.Equal(["nightly", "other"], process.Runs.Select(run => run.Job).Order(StringComparer.Ordinal));
        Assert.True(process.Runs[0].Started >= process.Runs[1].Ended, "the second began when the first had ended");
    }

    [Fact]
    public async Task A_job_that_waits_for_others_is_interrupted_by_the_end_of_the_process_and_caught_up()
    {
        using var release = new ManualResetEventSlim();
        var process = await StartTwoJobsAsync(release);

        var stopping = process.StopAsync();
        release.Set();
        var ended = new[] { (await process.NextRunAsync()).Run, (await process.NextRunAsync()).Run };
        await stopping;

        var waiting = Assert.Single(ended, run => run.ErrorMessage!.Contains($"while job '{run.Job}' waited", StringComparison.Ordinal));
        Assert.Equal((RunTrigger.Scheduled, "PipelineError.RunInterrupted"), (waiting.Trigger, waiting.ErrorId));
        Assert.All(process.Runs, run => Assert.Equal(RunOutcome.Interrupted, run.Outcome));
        var next = await _fixture.StartProcessAsync(FirstNight.AddHours(1));
        Assert.Equal(["nightly", "other"], next.CaughtUp);
    }

    [Fact]
    public async Task A_run_whose_folder_is_away_fails_and_is_recorded()
    {
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-2));
        Directory.Move(_fixture.Folder.Path, _fixture["elsewhere"]);

        var run = (await process.NextRunAsync()).Run;

        Assert.Equal((RunOutcome.Failed, "PipelineError.JobFolderUnusable"), (run.Outcome, run.ErrorId));
    }

    [Fact]
    public async Task Stopping_gives_up_when_told_to()
    {
        using var stop = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        var archiving = new TaskCompletionSource();
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1), ProgressProbe.At(CycleStep.Archive, () =>
        {
            archiving.SetResult();
            release.Wait(TestContext.Current.CancellationToken);
        }));
        await archiving.Task;

        var stopping = process.Scheduler.StopAsync(stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
        release.Set();
    }

    [Fact]
    public async Task Told_to_give_up_at_any_moment_of_its_beginning_it_blames_no_database()
    {
        Exception? outcome;
        var look = 0;
        do
        {
            using var stop = new CancellationTokenSource();
            var clock = new AlarmClock(++look, stop.Cancel);
            await using var process = new SchedulerFixture.Process(clock, _fixture[$"runs{look}.db"]);
            outcome = await Record.ExceptionAsync(() => process.BeginAsync(_fixture.Folder, _fixture[$"schedule{look}.db"], stop.Token));
            Assert.True(outcome is null or OperationCanceledException, $"look {look}: {outcome}");
        }
        while (outcome is not null);

        Assert.True(look > 1, "no moment of the beginning was met");
    }

    [Fact]
    public async Task A_database_that_is_none_is_refused()
    {
        await File.WriteAllTextAsync(_fixture["schedule.db"], new string('x', 5000), TestContext.Current.CancellationToken);

        var exception = await Assert.ThrowsAsync<PipelineException>(() => _fixture.StartProcessAsync(Evening));

        Assert.Equal(PipelineError.SchedulerUnusable, exception.Reason);
        Assert.Contains(_fixture["schedule.db"], exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_is_bounded_also_when_the_database_is_gone()
    {
        var archiving = new TaskCompletionSource();
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1), ProgressProbe.At(CycleStep.Archive, archiving.SetResult));
        await archiving.Task;
        await File.WriteAllTextAsync(_fixture["schedule.db"], new string('x', 100_000), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<PipelineException>(() => process.Scheduler.ListAsync());

        // Quartz goes on trying to tell its database that the job has ended.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => process.Scheduler.StopAsync(limit.Token));

        Assert.Single(process.Runs);
    }

    private static (RunOutcome Outcome, RunTrigger Trigger) OutcomeOf(RunResult result) => (result.Run.Outcome, result.Run.Trigger);

    private void Change(Func<JobSchedule, JobSchedule> change) =>
        _fixture.Folder.Write(_fixture.Job with { Schedule = change(_fixture.Job.Schedule!) }, replace: true);

    /// <summary>A process that may run one job at once, where two have fired: one is in its archive until released, and the other waits.</summary>
    private async Task<SchedulerFixture.Process> StartTwoJobsAsync(ManualResetEventSlim release)
    {
        _fixture.AddOther();
        var hold = ProgressProbe.At(CycleStep.Archive, () => release.Wait(TestContext.Current.CancellationToken));
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1), hold, maxConcurrentRuns: 1);
        while ((await process.Scheduler.ListAsync()).Any(job => job.Previous is null) || process.Runs.Count == 0)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        return process;
    }

    /// <summary>A process that fires the first night's run and is stopped in the middle of its archive.</summary>
    private async Task InterruptRunAsync()
    {
        using var release = new ManualResetEventSlim();
        var archiving = new TaskCompletionSource();
        var process = await _fixture.StartProcessAsync(FirstNight.AddSeconds(-1), ProgressProbe.At(CycleStep.Archive, () =>
        {
            archiving.SetResult();
            release.Wait(TestContext.Current.CancellationToken);
        }));
        await archiving.Task;
        var interrupted = process.Cycle.DisposeAsync();
        release.Set();
        await interrupted;
        await process.StopAsync();
        Assert.Equal(RunOutcome.Interrupted, Assert.Single(process.Runs).Outcome);
    }
}
