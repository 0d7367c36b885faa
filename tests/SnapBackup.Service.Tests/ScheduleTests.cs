using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Service.Tests;

/// <summary>The daemon runs the jobs of its folder, and follows the folder.</summary>
public sealed class ScheduleTests : IAsyncDisposable
{
    private readonly ServiceFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_job_runs_at_its_time_and_its_archive_holds_the_disk()
    {
        var job = _fixture.NewJob("nightly", ServiceFixture.EverySecond);
        _fixture.Write(job);
        var daemon = _fixture.StartDaemon();

        await daemon.LoggedAsync(31, "job nightly succeeded");

        var run = _fixture.RunsOf("nightly")[0];
        Assert.Equal(RunTrigger.Scheduled, run.Trigger);
        Assert.Equal(daemon.Id, run.Owner.ProcessId);
        await _fixture.AssertArchiveHoldsDiskAsync(run, job);
        await daemon.TerminateAsync();
        await _fixture.AssertNothingIsLeftAsync(job);
    }

    [Fact]
    public async Task Documents_that_come_change_and_go_are_noticed()
    {
        var daemon = _fixture.StartDaemon();
        await daemon.LoggedAsync(1, "Running the jobs");

        var job = _fixture.NewJob("nightly", ServiceFixture.Rarely);
        _fixture.Write(job);
        await daemon.LoggedAsync(10, "nightly: Added");

        _fixture.Write(_fixture.NewJob("nightly", ServiceFixture.EverySecond));
        await daemon.LoggedAsync(10, "nightly: Changed");
        await daemon.LoggedAsync(31, "job nightly succeeded");

        _fixture.Remove("nightly");
        await daemon.LoggedAsync(10, "nightly: Removed");

        // Another job's run that begins later shows that the schedule goes on without it.
        _fixture.Write(_fixture.NewJob("other", ServiceFixture.EverySecond));
        await daemon.LoggedAsync(31, "job other succeeded");
        var last = _fixture.RunsOf("nightly")[^1];
        await daemon.UntilAsync(() => _fixture.RunsOf("other").Count >= 3);
        Assert.Equal(last.Id, _fixture.RunsOf("nightly")[^1].Id);
        await daemon.TerminateAsync();
    }

    [Fact]
    public async Task A_broken_document_is_reported_and_the_other_jobs_run()
    {
        _fixture.Write(_fixture.NewJob("good", ServiceFixture.EverySecond));
        _fixture.WriteText("bad", """{ "name": "bad", "kepe": 3 }""");
        var daemon = _fixture.StartDaemon();

        Assert.Contains("kepe", await daemon.LoggedAsync(11, "bad.json"), StringComparison.Ordinal);
        await daemon.LoggedAsync(31, "job good succeeded");

        _fixture.Write(_fixture.NewJob("bad", ServiceFixture.EverySecond));
        await daemon.LoggedAsync(31, "job bad succeeded");
        await daemon.TerminateAsync();
    }

    [Fact]
    public async Task A_run_that_fails_is_recorded_and_the_other_jobs_run()
    {
        var failing = _fixture.NewJob("failing", ServiceFixture.EverySecond);
        File.Delete(failing.Source);
        _fixture.Write(failing);
        _fixture.Write(_fixture.NewJob("good", ServiceFixture.EverySecond));
        var daemon = _fixture.StartDaemon();

        Assert.Contains(failing.Source, await daemon.LoggedAsync(32, "job failing failed"), StringComparison.Ordinal);
        await daemon.LoggedAsync(31, "job good succeeded");

        var run = _fixture.RunsOf("failing")[0];
        Assert.Equal((RunOutcome.Failed, "BlockDeviceError.NotFound"), (run.Outcome, run.ErrorId));
        await daemon.TerminateAsync();
    }
}
