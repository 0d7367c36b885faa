using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Cycle;

/// <summary>A failure and a cancellation in each step: what the run set up is gone, what was there before stays.</summary>
public sealed class FailingCycleTests : IAsyncDisposable
{
    private readonly CycleFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    public static TheoryData<CycleStep, bool> StepsWithAndWithoutDevice()
    {
        var data = new TheoryData<CycleStep, bool>();
        foreach (var step in Enum.GetValues<CycleStep>())
        {
            data.Add(step, false);
            data.Add(step, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(StepsWithAndWithoutDevice))]
    public async Task A_cancel_in_a_step_takes_down_what_the_run_set_up(CycleStep step, bool deviceWasThere)
    {
        var device = deviceWasThere ? await _fixture.SetUpDeviceAsync() : null;
        using var cancellation = new CancellationTokenSource();

        var result = await _fixture.RunAsync(ProgressProbe.At(step, cancellation.Cancel), cancellation.Token);

        Assert.Equal(RunOutcome.Cancelled, result.Run.Outcome);
        Assert.IsType<OperationCanceledException>(result.Error, exactMatch: false);
        Assert.Equal(step > CycleStep.Archive, result.Run.Archive is not null);
        await AssertTakenDownAsync(result, device);
    }

    [Theory]
    [MemberData(nameof(StepsWithAndWithoutDevice))]
    public async Task A_failure_in_a_step_takes_down_what_the_run_set_up(CycleStep step, bool deviceWasThere)
    {
        var device = deviceWasThere ? await _fixture.SetUpDeviceAsync() : null;

        var result = await _fixture.RunAsync(ProgressProbe.At(step, () => throw new InvalidOperationException("the console is gone")));

        AssertFailed(result, step, "InvalidOperationException", "the console is gone");
        Assert.Equal(step > CycleStep.Archive, result.Run.Archive is not null);
        await AssertTakenDownAsync(result, device);
    }

    [Fact]
    public async Task A_cancel_in_the_middle_of_the_archive_leaves_no_archive()
    {
        using var cancellation = new CancellationTokenSource();

        var result = await _fixture.RunAsync(ProgressProbe.InArchive(cancellation.Cancel), cancellation.Token);

        Assert.Equal(RunOutcome.Cancelled, result.Run.Outcome);
        Assert.Empty(await _fixture.ListArchivesAsync());
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Prepare_fails_when_the_source_is_missing()
    {
        File.Delete(_fixture.Job.Source);

        var result = await _fixture.RunAsync();

        AssertFailed(result, CycleStep.Prepare, "BlockDeviceError.NotFound", _fixture.Job.Source);
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Prepare_fails_when_another_process_has_the_source()
    {
        await using (FileBlockDevice.Open(_fixture.Job.Source))
        {
            var result = await _fixture.RunAsync();

            AssertFailed(result, CycleStep.Prepare, "BlockDeviceError.Busy", _fixture.Job.Source);
        }

        await _fixture.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Prepare_fails_when_the_log_is_too_small()
    {
        _fixture.Job = _fixture.Job with { Logs = [new JobLog { Path = _fixture.LogPath, Size = new ByteSize(4096) }] };

        var result = await _fixture.RunAsync();

        AssertFailed(result, CycleStep.Prepare, "EngineError.LogTooSmall", _fixture.LogPath);
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Prepare_fails_when_the_log_is_somebody_elses_and_leaves_it()
    {
        await File.WriteAllBytesAsync(_fixture.LogPath, _fixture.Content[..(8 << 20)], TestContext.Current.CancellationToken);

        var result = await _fixture.RunAsync();

        AssertFailed(result, CycleStep.Prepare, "EngineError.LogHoldsForeignData", _fixture.LogPath);
        Assert.Equal(_fixture.Content[..(8 << 20)], await File.ReadAllBytesAsync(_fixture.LogPath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Prepare_fails_when_the_store_is_not_there()
    {
        Directory.Delete(_fixture.Job.Store);

        var result = await _fixture.RunAsync();

        AssertFailed(result, CycleStep.Prepare, "ArchiveError.NotFound", _fixture.Job.Store);
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Flush_fails_when_the_device_is_taken_away()
    {
        var result = await _fixture.RunAsync(ProgressProbe.At(
            CycleStep.Flush, () => _fixture.Devices.TearDownAsync("nightly").GetAwaiter().GetResult()));

        AssertFailed(result, CycleStep.Flush, "EngineError.DeviceTornDown", "nightly");
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Start_fails_when_the_name_of_the_snapshot_is_taken_and_the_one_that_has_it_stays()
    {
        var device = await _fixture.SetUpDeviceAsync();
        var theirs = await device.StartSnapshotAsync("run-1");

        var result = await _fixture.RunAsync();

        AssertFailed(result, CycleStep.Start, "EngineError.SnapshotAlreadyStarted", "run-1");
        Assert.Same(theirs, Assert.Single(device.Snapshots));
        Assert.Equal(SnapshotState.Active, theirs.State);
        Assert.Same(device, Assert.Single(_fixture.Devices.Devices));
        Assert.Empty(_fixture.Journal.ListLeftovers(result.Run.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Archive_fails_when_the_log_overflows_and_publishes_nothing(bool inTheMiddle)
    {
        Action overflow = () => _fixture.OverwriteDisk(_fixture.Devices.Devices[0]);

        var result = await _fixture.RunAsync(inTheMiddle ? ProgressProbe.InArchive(overflow) : ProgressProbe.At(CycleStep.Archive, overflow));

        AssertFailed(result, CycleStep.Archive, "EngineError.SnapshotBroken", "log");
        Assert.Empty(await _fixture.ListArchivesAsync());
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Archive_fails_when_the_source_cannot_be_read_any_more()
    {
        var result = await _fixture.RunAsync(ProgressProbe.At(CycleStep.Archive, () =>
        {
            using var file = File.OpenWrite(_fixture.Job.Source);
            file.SetLength(CycleFixture.DiskSize / 2);
        }));

        AssertFailed(result, CycleStep.Archive, "BlockDeviceError.SizeChanged", _fixture.Job.Source);
        Assert.Empty(await _fixture.ListArchivesAsync());
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Archive_fails_when_the_store_goes_away()
    {
        var result = await _fixture.RunAsync(ProgressProbe.At(CycleStep.Archive, () => Directory.Delete(_fixture.Job.Store)));

        AssertFailed(result, CycleStep.Archive, "ArchiveError.NotFound", _fixture.Job.Store);
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Retention_fails_when_the_store_goes_away()
    {
        _fixture.Job = _fixture.Job with { Keep = 1 };

        var result = await _fixture.RunAsync(ProgressProbe.At(CycleStep.Retention, () => Directory.Delete(_fixture.Job.Store, recursive: true)));

        AssertFailed(result, CycleStep.Retention, "ArchiveError.NotFound", _fixture.Job.Store);
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task A_snapshot_and_device_that_the_operator_took_down_meanwhile_are_no_failure()
    {
        var result = await _fixture.RunAsync(ProgressProbe.At(
            CycleStep.End, () => _fixture.Devices.TearDownAsync("nightly").GetAwaiter().GetResult()));

        Assert.Null(result.Error);
        await AssertTakenDownAsync(result, null);
    }

    [Fact]
    public async Task Teardown_does_not_pull_the_device_away_from_one_who_uses_it_and_the_first_error_stays_the_runs()
    {
        IBlockDevice? origin = null;
        var result = await _fixture.RunAsync(new ProgressProbe(progress =>
        {
            if (progress.Step == CycleStep.Archive && progress.BytesTotal == 0)
                throw new InvalidOperationException("first");
            if (progress.Step == CycleStep.Teardown)
                origin = _fixture.Devices.Devices[0].OpenOrigin();
        }));

        AssertFailed(result, CycleStep.Archive, "InvalidOperationException", "first");
        var teardown = _fixture.StepsOf(result)[CycleStep.Teardown];
        Assert.Equal((RunOutcome.Failed, "EngineError.DeviceInUse"), (teardown.Outcome, teardown.ErrorId));
        await origin!.WriteAsync(0, new byte[4096]);
        await origin.DisposeAsync();
        Assert.Equal(_fixture.LogPath, Assert.Single(_fixture.Journal.ListLeftovers(result.Run.Id)).Path);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_fails_the_run_and_hinders_no_taking_down()
    {
        var database = _fixture["runs.db"];
        var run = _fixture.RunAsync(ProgressProbe.At(CycleStep.Archive, () =>
        {
            _fixture.Journal.Dispose();
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(database)!, "runs.db*"))
                File.Delete(file);
            File.WriteAllText(database, new string('x', 5000));
        }));

        var exception = await Assert.ThrowsAsync<PipelineException>(() => run);

        Assert.Equal(PipelineError.JournalUnusable, exception.Reason);
        Assert.Empty(_fixture.Devices.Devices);
        Assert.False(File.Exists(_fixture.LogPath));
        Assert.Empty(_fixture.Store.ListPartial());
    }

    private void AssertFailed(RunResult result, CycleStep step, string errorId, string message)
    {
        Assert.Equal((RunOutcome.Failed, errorId), (result.Run.Outcome, result.Run.ErrorId));
        Assert.Contains(message, result.Run.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(result.Run.ErrorMessage, result.Error?.Message);
        var steps = _fixture.Journal.ListSteps(result.Run.Id);
        Assert.All(steps.Where(record => record.Step < step), record => Assert.Equal(RunOutcome.Succeeded, record.Outcome));
        Assert.Contains(steps, record => record.Step == step);
        Assert.All(steps, record => Assert.NotEqual(RunOutcome.Running, record.Outcome));
    }

    private async Task AssertTakenDownAsync(RunResult result, SnapDevice? operators)
    {
        Assert.NotNull(result.Run.Ended);
        if (operators is not null)
        {
            Assert.Same(operators, Assert.Single(_fixture.Devices.Devices));
            Assert.Empty(operators.Snapshots);
            await _fixture.Devices.TearDownAsync(operators.Name);
            File.Delete(_fixture.LogPath);
        }

        await _fixture.AssertNothingIsLeftAsync();
    }
}
