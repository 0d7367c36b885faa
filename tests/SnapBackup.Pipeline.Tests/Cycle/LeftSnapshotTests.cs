using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Cycle;

/// <summary>Snapshots that dead runs left on logs that were there before, beside those that an operator keeps there.</summary>
public sealed class LeftSnapshotTests : IAsyncDisposable
{
    /// <summary>A process that has ended: its number comes again with another start time.</summary>
    private static readonly ProcessIdentity Dead = ProcessIdentity.Current with { StartTime = ProcessIdentity.Current.StartTime - 1 };

    private readonly CycleFixture _fixture = new();
    private readonly RunRecovery _recovery;
    private readonly SnapDeviceOptions _options;

    public LeftSnapshotTests()
    {
        _recovery = new RunRecovery(_fixture.Journal, _fixture.Devices, TimeProvider.System);
        _options = _fixture.Job.ToDeviceOptions();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task It_is_ended_and_the_log_and_the_snapshots_of_others_stay()
    {
        var run = await LeaveSnapshotAsync(_options);

        var recovered = Assert.Single(await _recovery.RecoverAsync());

        Assert.Equal([$"the snapshot run-{run} of {_fixture.Job.Source}"], recovered.Removed);
        Assert.Contains($"Removed: the snapshot run-{run}", recovered.Run.ErrorMessage, StringComparison.Ordinal);
        Assert.Empty(recovered.Problems);
        Assert.Empty(await _recovery.RecoverAsync());
        await AssertOnlyTheirsIsKeptAsync();
    }

    [Fact]
    public async Task The_next_run_of_the_source_ends_it_and_goes_on_beside_the_snapshots_of_others()
    {
        await LeaveSnapshotAsync(_options);

        var result = await _fixture.RunAsync();

        Assert.Null(result.Error);
        Assert.Single(await _fixture.ListArchivesAsync());
        Assert.Empty(_fixture.Journal.ListUnsettled());
        await AssertOnlyTheirsIsKeptAsync();
    }

    [Fact]
    public async Task On_a_device_of_this_process_it_is_ended_there()
    {
        var run = await LeaveSnapshotAsync(_options);
        var device = await _fixture.Devices.AttachAsync(_options);
        Assert.Equal(["theirs", $"run-{run}"], device.Snapshots.Select(snapshot => snapshot.Name));

        Assert.Single(await _recovery.RecoverAsync());

        Assert.Equal("theirs", Assert.Single(device.Snapshots).Name);
        Assert.Same(device, Assert.Single(_fixture.Devices.Devices));
    }

    [Fact]
    public async Task A_log_that_the_run_made_beside_others_goes_when_the_snapshot_is_ended_and_not_before()
    {
        var spill = new LogOptions { Path = _fixture["spill.log"], Size = 8 << 20 };
        var options = _options with { Logs = [_options.Logs[0], spill] };
        var run = await LeaveSnapshotAsync(options, new Leftover(LeftoverKind.Log, spill.Path));

        await using (FileBlockDevice.Open(_fixture.Job.Source))
        {
            var waiting = Assert.Single(await _recovery.RecoverAsync());
            Assert.Contains(_fixture.Job.Source, Assert.Single(waiting.Problems), StringComparison.Ordinal);
            Assert.Empty(waiting.Removed);
            Assert.True(File.Exists(spill.Path));
        }

        var recovered = Assert.Single(await _recovery.RecoverAsync());
        Assert.Equal([$"the snapshot run-{run} of {_fixture.Job.Source}", spill.Path], recovered.Removed);
        Assert.False(File.Exists(spill.Path));
        Assert.Empty(await _recovery.RecoverAsync());
    }

    [Fact]
    public async Task A_log_that_is_gone_took_it_along()
    {
        await LeaveSnapshotAsync(_options);
        File.Delete(_fixture.LogPath);

        var recovered = Assert.Single(await _recovery.RecoverAsync());

        Assert.Empty(recovered.Removed);
        Assert.Empty(recovered.Problems);
        Assert.Empty(await _recovery.RecoverAsync());
    }

    [Fact]
    public async Task A_device_that_was_let_go_under_a_run_keeps_its_snapshot_until_the_run_is_recovered()
    {
        await FileBlockDevice.Create(_fixture.LogPath, 8 << 20).DisposeAsync();

        var result = await _fixture.RunAsync(ProgressProbe.At(
            CycleStep.End, () => _fixture.Devices.ReleaseAsync("nightly", force: true).GetAwaiter().GetResult()));

        Assert.Null(result.Error);
        Assert.Equal(new Leftover(LeftoverKind.Snapshot, _fixture.LogPath), Assert.Single(_fixture.Journal.ListLeftovers(result.Run.Id)));
        await using var device = await SnapDevice.OpenAsync(_options);
        Assert.Equal($"run-{result.Run.Id}", Assert.Single(device.Snapshots).Name);
    }

    /// <summary>A device with a snapshot of an operator and one of a run, let go; and what the journal says of the run.</summary>
    private async Task<long> LeaveSnapshotAsync(SnapDeviceOptions options, params IReadOnlyList<Leftover> others)
    {
        var places = options.Logs.Select(log => new Leftover(LeftoverKind.Snapshot, log.Path));
        var run = _fixture.LeaveRun(Dead, [.. places, .. others]);
        await using var device = await SnapDevice.SetUpAsync(options);
        await device.StartSnapshotAsync("theirs");
        await device.StartSnapshotAsync($"run-{run}");
        return run;
    }

    private async Task AssertOnlyTheirsIsKeptAsync()
    {
        await using var device = await SnapDevice.OpenAsync(_options);
        var theirs = Assert.Single(device.Snapshots);
        Assert.Equal(("theirs", SnapshotState.Active), (theirs.Name, theirs.State));
    }
}
