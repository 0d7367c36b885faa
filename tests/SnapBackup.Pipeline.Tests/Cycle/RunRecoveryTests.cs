using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SnapBackup.Blocks;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Cycle;

public sealed class RunRecoveryTests : IAsyncDisposable
{
    private readonly CycleFixture _fixture = new();
    private readonly Process _owner = ExternalTool.Require("sleep").Start("600");
    private readonly RunRecovery _recovery;
    private readonly string _partial;

    public RunRecoveryTests()
    {
        _recovery = new RunRecovery(_fixture.Journal, TimeProvider.System);
        _partial = Path.Combine(_fixture.Job.Store, "nightly-20260301T023000Z-00000000.img.zst.partial");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_owner.HasExited)
            _owner.Kill();
        _owner.Dispose();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task The_run_of_a_living_process_is_left_alone()
    {
        var id = LeaveRun();

        Assert.Empty(await _recovery.RecoverAsync());

        Assert.Equal(RunOutcome.Running, _fixture.Journal.Get(id).Outcome);
        Assert.True(File.Exists(_fixture.LogPath));
        Assert.True(File.Exists(_partial));
    }

    [Fact]
    public async Task The_run_of_a_killed_process_is_cleaned_up_and_recorded_as_interrupted()
    {
        var id = LeaveRun();
        await KillOwnerAsync();

        var recovered = Assert.Single(await _recovery.RecoverAsync());

        Assert.Equal([_fixture.LogPath, _partial], recovered.Removed);
        Assert.Empty(recovered.Problems);
        Assert.False(File.Exists(_fixture.LogPath));
        Assert.False(File.Exists(_partial));
        var run = _fixture.Journal.Get(id);
        Assert.Equal(recovered.Run, run);
        Assert.Equal((RunOutcome.Interrupted, "PipelineError.RunInterrupted"), (run.Outcome, run.ErrorId));
        Assert.Contains($"Process {_owner.Id}", run.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("in the step Archive", run.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(_partial, run.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Interrupted, Assert.Single(_fixture.Journal.ListSteps(id)).Outcome);
        Assert.Empty(await _recovery.RecoverAsync());
    }

    [Fact]
    public async Task A_log_that_somebody_uses_by_now_stays()
    {
        LeaveRun();
        await KillOwnerAsync();
        await using var user = FileBlockDevice.Open(_fixture.LogPath);

        var recovered = Assert.Single(await _recovery.RecoverAsync());

        Assert.Equal([_partial], recovered.Removed);
        Assert.True(File.Exists(_fixture.LogPath));
        Assert.Empty(await _recovery.RecoverAsync());
    }

    [Fact]
    public async Task What_cannot_be_removed_is_named_and_tried_again()
    {
        var id = LeaveRun();
        await KillOwnerAsync();
        Directory.Move(_fixture.Job.Store, _fixture["elsewhere"]);

        var recovered = Assert.Single(await _recovery.RecoverAsync());

        Assert.Equal([_fixture.LogPath], recovered.Removed);
        Assert.Contains(_fixture.Job.Store, Assert.Single(recovered.Problems), StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Interrupted, _fixture.Journal.Get(id).Outcome);

        Directory.Move(_fixture["elsewhere"], _fixture.Job.Store);
        Assert.Equal([_partial], Assert.Single(await _recovery.RecoverAsync()).Removed);
        Assert.Empty(await _recovery.RecoverAsync());
    }

    [Fact]
    public async Task After_the_recovery_the_job_runs_again()
    {
        LeaveRun();
        await KillOwnerAsync();
        await _recovery.RecoverAsync();

        Assert.Null((await _fixture.RunAsync()).Error);

        await _fixture.AssertNothingIsLeftAsync();
    }

    /// <summary>What the journal and the disk hold while a process is in the middle of an archive.</summary>
    private long LeaveRun()
    {
        var id = _fixture.Journal.Begin("nightly", _fixture.Job.Source, RunTrigger.Scheduled);
        _fixture.Journal.BeginStep(id, CycleStep.Archive);
        _fixture.Journal.Expect(id, new Leftover(LeftoverKind.Log, _fixture.LogPath));
        _fixture.Journal.Expect(id, new Leftover(LeftoverKind.PartialArchive, _fixture.Job.Store));
        File.WriteAllBytes(_fixture.LogPath, new byte[8 << 20]);
        File.WriteAllText(_partial, "half an archive");

        using var connection = new SqliteConnection($"Data Source={_fixture["runs.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE runs SET process_id = $process, process_start = $start WHERE id = $id";
        command.Parameters.AddWithValue("$process", _owner.Id);
        command.Parameters.AddWithValue("$start", RunOwner.Of(_owner.Id)!.StartTime);
        command.Parameters.AddWithValue("$id", id);
        Assert.Equal(1, command.ExecuteNonQuery());
        return id;
    }

    private async Task KillOwnerAsync()
    {
        _owner.Kill();
        await _owner.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
