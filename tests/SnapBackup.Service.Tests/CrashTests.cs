using SnapBackup.Control.Devices;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Service.Tests;

/// <summary>A daemon that dies, or is told to end, in the middle of an archive.</summary>
public sealed class CrashTests : IAsyncDisposable
{
    /// <summary>So that the archive takes a second or more, and the middle of it can be met.</summary>
    private const int Mebibytes = 256;

    private readonly ServiceFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_run_whose_daemon_was_killed_is_cleaned_up_recorded_and_caught_up_once()
    {
        var job = await KillInTheMiddleAsync(MissedRuns.CatchUp);
        Assert.Single(_fixture.PartialArchives);
        Assert.True(File.Exists(job.Logs[0].Path));

        var daemon = _fixture.StartDaemon();
        await daemon.LoggedAsync(34, "cut short");
        await daemon.LoggedAsync(36, "nightly");
        await daemon.LoggedAsync(31, "job nightly succeeded");
        await daemon.TerminateAsync();

        var runs = _fixture.RunsOf("nightly");
        Assert.Equal(2, runs.Count);
        Assert.Equal((RunOutcome.Interrupted, "PipelineError.RunInterrupted"), (runs[0].Outcome, runs[0].ErrorId));
        Assert.Contains("in the step Archive", runs[0].ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((RunOutcome.Succeeded, RunTrigger.CaughtUp), (runs[1].Outcome, runs[1].Trigger));
        await _fixture.AssertArchiveHoldsDiskAsync(runs[1], job);
        await _fixture.AssertNothingIsLeftAsync(job);
    }

    [Theory]
    [InlineData(AttachMode.Run)]
    [InlineData(AttachMode.Always)]
    public async Task The_snapshot_of_a_killed_run_is_ended_on_a_log_that_stays_with_the_snapshots_of_others(AttachMode attach)
    {
        var job = _fixture.NewJob("nightly", cron: null, Mebibytes);
        await using (var shell = _fixture.NewControl())
        {
            await shell.Devices.AttachAsync(job.ToDeviceOptions());
            await shell.Snapshots.StartAsync("nightly", "theirs");
        }

        await KillInTheMiddleAsync(MissedRuns.CatchUp, attach);
        var daemon = _fixture.StartDaemon();
        Assert.Contains("removed: the snapshot run-1 of", await daemon.LoggedAsync(34, "cut short"), StringComparison.Ordinal);
        await daemon.LoggedAsync(31, "job nightly succeeded");
        await daemon.TerminateAsync();

        await _fixture.AssertArchiveHoldsDiskAsync(_fixture.RunsOf("nightly")[^1], job);
        await using var control = _fixture.NewControl();
        var device = await control.Devices.AttachAsync(job.ToDeviceOptions());
        Assert.Equal(["theirs"], device.Snapshots);
        Assert.Equal(PointState.Active, control.Snapshots.Get("nightly").State);
    }

    [Fact]
    public async Task A_job_that_skips_missed_runs_is_cleaned_up_and_not_caught_up()
    {
        var job = await KillInTheMiddleAsync(MissedRuns.Skip);

        var daemon = _fixture.StartDaemon();
        await daemon.LoggedAsync(34, "cut short");
        await daemon.LoggedAsync(1, "Running the jobs");
        await daemon.TerminateAsync();

        Assert.Equal(RunOutcome.Interrupted, Assert.Single(_fixture.RunsOf("nightly")).Outcome);
        await _fixture.AssertNothingIsLeftAsync(job);
    }

    [Fact]
    public async Task A_daemon_told_to_end_in_the_middle_of_a_run_leaves_nothing_and_the_next_one_catches_up()
    {
        var job = _fixture.NewJob("nightly", ServiceFixture.EverySecond, Mebibytes);
        _fixture.Write(job);
        var daemon = _fixture.StartDaemon();
        await daemon.UntilAsync(() => _fixture.IsArchiving("nightly"));

        await daemon.TerminateAsync();

        await _fixture.AssertNothingIsLeftAsync(job);
        var run = _fixture.RunsOf("nightly")[^1];
        Assert.Equal((RunOutcome.Interrupted, null), (run.Outcome, run.Archive));
        Assert.Equal(RunOutcome.Succeeded, _fixture.Journal.ListSteps(run.Id).Single(step => step.Step == CycleStep.Teardown).Outcome);

        _fixture.Write(job with { Schedule = new JobSchedule { Cron = ServiceFixture.Rarely } });
        var next = _fixture.StartDaemon();
        await next.LoggedAsync(31, "job nightly succeeded");
        await next.TerminateAsync();
        Assert.Equal(RunTrigger.CaughtUp, _fixture.RunsOf("nightly")[^1].Trigger);
    }

    /// <summary>Afterwards the job has a time that does not come, so that nothing but a catching up can run it.</summary>
    private async Task<JobDocument> KillInTheMiddleAsync(MissedRuns missed, AttachMode attach = AttachMode.Run)
    {
        var job = _fixture.NewJob("nightly", ServiceFixture.EverySecond, Mebibytes) with { Attach = attach };
        _fixture.Write(job with { Schedule = new JobSchedule { Cron = ServiceFixture.EverySecond, Missed = missed } });
        var daemon = _fixture.StartDaemon();
        await daemon.UntilAsync(() => _fixture.IsArchiving("nightly"));
        await daemon.KillAsync();
        Assert.Equal(RunOutcome.Running, Assert.Single(_fixture.RunsOf("nightly")).Outcome);

        var rarely = job with { Schedule = new JobSchedule { Cron = ServiceFixture.Rarely, Missed = missed } };
        _fixture.Write(rarely);
        return rarely;
    }
}
