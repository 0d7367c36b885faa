using System.Diagnostics;
using SnapBackup.Blocks;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
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
        _recovery = new RunRecovery(_fixture.Journal, _fixture.Devices, TimeProvider.System);
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
    public async Task A_run_begins_with_the_recovery_of_those_of_its_source_that_died()
    {
        var dead = LeaveRun();
        File.CreateSymbolicLink(_fixture["link.img"], _fixture.Job.Source);
        _fixture.Job = _fixture.Job with { Source = _fixture["link.img"] };
        await KillOwnerAsync();

        Assert.Null((await _fixture.RunAsync()).Error);

        Assert.Equal(RunOutcome.Interrupted, _fixture.Journal.Get(dead).Outcome);
        await _fixture.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_run_leaves_those_of_other_sources_to_the_recovery_of_all()
    {
        File.Copy(_fixture.Job.Source, _fixture["other.img"]);
        var dead = LeaveRun();
        await KillOwnerAsync();
        var log = new JobLog { Path = _fixture["other.log"], Size = _fixture.Job.Logs[0].Size };
        _fixture.Job = _fixture.Job with { Source = _fixture["other.img"], Logs = [log] };

        Assert.Null((await _fixture.RunAsync()).Error);

        Assert.Equal(RunOutcome.Running, _fixture.Journal.Get(dead).Outcome);
    }

    /// <summary>What the journal and the disk hold while a process is in the middle of an archive.</summary>
    private long LeaveRun()
    {
        File.WriteAllBytes(_fixture.LogPath, new byte[8 << 20]);
        File.WriteAllText(_partial, "half an archive");
        return _fixture.LeaveRun(
            ProcessIdentity.Of(_owner.Id)!, new Leftover(LeftoverKind.Log, _fixture.LogPath), new Leftover(LeftoverKind.PartialArchive, _fixture.Job.Store));
    }

    private async Task KillOwnerAsync()
    {
        _owner.Kill();
        await _owner.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
