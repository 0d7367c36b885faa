using SnapBackup.Blocks;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Cycle;

public sealed class BackupCycleTests : IAsyncDisposable
{
    private readonly CycleFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_run_archives_the_disk_and_leaves_nothing_else()
    {
        var result = await _fixture.RunAsync();

        Assert.Null(result.Error);
        Assert.Equal(RunOutcome.Succeeded, result.Run.Outcome);
        var archive = Assert.Single(await _fixture.ListArchivesAsync());
        Assert.Equal((archive.Path, CycleFixture.DiskSize, archive.StoredSize), (result.Run.Archive, result.Run.SourceSize, result.Run.ArchiveSize));
        Assert.Equal(("nightly", $"run-{result.Run.Id}"), (archive.Manifest.DeviceName, archive.Manifest.SnapshotName));
        Assert.Equal(_fixture.Content, await RestoreAsync(archive.Name));
        await _fixture.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Every_step_is_recorded_in_order_with_its_times()
    {
        var result = await _fixture.RunAsync();

        var steps = _fixture.Journal.ListSteps(result.Run.Id);
        Assert.Equal(Enum.GetValues<CycleStep>(), steps.Select(step => step.Step));
        Assert.All(steps, step => Assert.Equal(RunOutcome.Succeeded, step.Outcome));
        var times = steps.SelectMany(step => new[] { step.Started, step.Ended!.Value }).Prepend(result.Run.Started).Append(result.Run.Ended!.Value).ToList();
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task Progress_names_each_step_and_counts_the_archive()
    {
        var reports = new List<RunProgress>();

        var result = await _fixture.RunAsync(new ProgressProbe(reports.Add));

        Assert.Equal(Enum.GetValues<CycleStep>(), reports.Select(report => report.Step).Distinct());
        Assert.All(reports, report => Assert.Equal((result.Run.Id, "nightly"), (report.Run, report.Job)));
        var counted = reports.Where(report => report.BytesTotal > 0).ToList();
        Assert.All(counted, report => Assert.Equal((CycleStep.Archive, CycleFixture.DiskSize), (report.Step, report.BytesTotal)));
        Assert.Equal(counted.Select(report => report.BytesDone).Order(), counted.Select(report => report.BytesDone));
        Assert.Equal(CycleFixture.DiskSize, counted[^1].BytesDone);
        Assert.NotEqual(0, counted[^1].BytesWritten);
    }

    [Fact]
    public async Task A_device_that_was_there_before_is_used_and_stays_and_its_users_write_on()
    {
        _fixture.Job = _fixture.Job with { Logs = [new JobLog { Path = _fixture["big.log"], Size = new ByteSize(64 << 20) }] };
        var device = await _fixture.SetUpDeviceAsync();

        var result = await _fixture.RunAsync(ProgressProbe.At(CycleStep.Archive, () => _fixture.OverwriteDisk(device)));

        Assert.Null(result.Error);
        Assert.Equal(_fixture.Content, await RestoreAsync(Path.GetFileName(result.Run.Archive!)));
        Assert.Same(device, Assert.Single(_fixture.Devices.Devices));
        Assert.Empty(device.Snapshots);
        Assert.True(File.Exists(_fixture.LogPath));
        await _fixture.Devices.TearDownAsync("operators");
        Assert.Equal(new byte[CycleFixture.DiskSize], await File.ReadAllBytesAsync(_fixture.Job.Source, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_log_that_was_there_before_stays()
    {
        await FileBlockDevice.Create(_fixture.LogPath, _fixture.Job.Logs[0].Size!.Value.Bytes).DisposeAsync();

        Assert.Null((await _fixture.RunAsync()).Error);
        Assert.Null((await _fixture.RunAsync()).Error);

        Assert.True(File.Exists(_fixture.LogPath));
    }

    [Fact]
    public async Task The_newest_archives_of_the_job_are_kept_and_those_of_others_stay()
    {
        var first = await _fixture.RunAsync();
        var other = await _fixture.Cycle.RunAsync(_fixture.Job with { Name = "other" }, RunTrigger.Manual);
        var second = await _fixture.RunAsync();
        _fixture.Job = _fixture.Job with { Keep = 2 };

        var third = await _fixture.RunAsync();

        Assert.NotNull(first.Run.Archive);
        Assert.Equivalent(
            new[] { other.Run.Archive, second.Run.Archive, third.Run.Archive },
            (await _fixture.ListArchivesAsync()).Select(archive => archive.Path),
            strict: true);
    }

    [Fact]
    public async Task Archives_of_another_disk_stay_although_its_job_has_the_same_name()
    {
        await _fixture.RunAsync();
        var moved = _fixture["moved.img"];
        File.Copy(_fixture.Job.Source, moved);
        _fixture.Job = _fixture.Job with { Source = moved, Keep = 1 };

        await _fixture.RunAsync();

        Assert.Equal(2, (await _fixture.ListArchivesAsync()).Count);
    }

    [Fact]
    public async Task The_archive_of_a_run_survives_a_clock_that_was_set_back()
    {
        await _fixture.RunAsync();
        var yesterday = new ShiftedClock(TimeSpan.FromDays(-1));
        await using var cycle = new BackupCycle(_fixture.Devices, _fixture.Journal, yesterday);

        var result = await cycle.RunAsync(_fixture.Job with { Keep = 1 }, RunTrigger.Manual);

        Assert.Contains(result.Run.Archive, (await _fixture.ListArchivesAsync()).Select(archive => archive.Path));
    }

    [Fact]
    public async Task Runs_of_one_source_follow_each_other_whatever_path_they_give_it()
    {
        File.CreateSymbolicLink(_fixture["link.img"], _fixture.Job.Source);
        using var release = new ManualResetEventSlim();
        var held = new TaskCompletionSource();
        var waiting = new TaskCompletionSource();
        var first = _fixture.RunAsync(ProgressProbe.At(CycleStep.Archive, () =>
        {
            held.SetResult();
            release.Wait(TestContext.Current.CancellationToken);
        }));
        await held.Task;

        using var cancellation = new CancellationTokenSource();
        var linked = _fixture.Job with { Name = "linked", Source = _fixture["link.img"] };
        var second = _fixture.Cycle.RunAsync(linked, RunTrigger.Manual, ProgressProbe.At(CycleStep.Prepare, waiting.SetResult));
        await waiting.Task;
        var third = _fixture.Cycle.RunAsync(linked, RunTrigger.Manual, ProgressProbe.At(CycleStep.Prepare, cancellation.Cancel), cancellation.Token);
        Assert.Equal(RunOutcome.Cancelled, (await third).Run.Outcome);
        release.Set();

        Assert.Null((await first).Error);
        Assert.Null((await second).Error);
        Assert.True(_fixture.StepsOf(await second)[CycleStep.Prepare].Ended >= _fixture.StepsOf(await first)[CycleStep.Retention].Ended);
        await _fixture.AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Runs_of_different_sources_run_at_the_same_time()
    {
        File.Copy(_fixture.Job.Source, _fixture["other.img"]);
        var other = _fixture.Job with { Name = "other", Source = _fixture["other.img"], Logs = [new JobLog { Path = _fixture["other.log"], Size = new ByteSize(8 << 20) }] };
        using var both = new Barrier(2);
        var meet = ProgressProbe.At(CycleStep.Archive, () => both.SignalAndWait(TestContext.Current.CancellationToken));

        var results = await Task.WhenAll(_fixture.RunAsync(meet), _fixture.Cycle.RunAsync(other, RunTrigger.Manual, meet));

        Assert.All(results, result => Assert.Null(result.Error));
    }

    [Fact]
    public async Task Disposing_interrupts_runs_and_waits_until_they_are_taken_down()
    {
        var archiving = new TaskCompletionSource();
        var disposing = new TaskCompletionSource();
        var run = _fixture.RunAsync(ProgressProbe.InArchive(() =>
        {
            archiving.SetResult();
            disposing.Task.Wait(TestContext.Current.CancellationToken);
        }));
        await archiving.Task;

        var disposed = _fixture.Cycle.DisposeAsync();
        disposing.SetResult();
        await disposed;

        await _fixture.AssertNothingIsLeftAsync();
        var result = await run;
        Assert.Equal(RunOutcome.Interrupted, result.Run.Outcome);
        Assert.Equal("PipelineError.RunInterrupted", result.Run.ErrorId);
        Assert.Empty(await _fixture.ListArchivesAsync());
        Assert.Throws<ObjectDisposedException>(() => { _ = _fixture.RunAsync(); });
    }

    private async Task<byte[]> RestoreAsync(string archive)
    {
        await using var image = await _fixture.Store.OpenAsync(archive);
        await image.RestoreAsync(_fixture["restored.img"]);
        return await File.ReadAllBytesAsync(_fixture["restored.img"], TestContext.Current.CancellationToken);
    }
}
