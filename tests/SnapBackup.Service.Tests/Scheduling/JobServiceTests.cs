using SnapBackup.Blocks;
using SnapBackup.Control;
using SnapBackup.Control.Scheduling;
using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Service.Tests.Scheduling;

/// <summary>How the devices of jobs that are attached always follow their documents, in this process.</summary>
public sealed class JobServiceTests : IAsyncDisposable
{
    private readonly ServiceFixture _fixture = new();
    private readonly RecordingObserver _observer = new();
    private readonly SnapBackupControl _control;
    private readonly JobService _service;
    private readonly JobDocument _job;

    public JobServiceTests()
    {
        _control = new SnapBackupControl(_fixture.State, _fixture.State.Socket, TimeProvider.System);
        _service = new JobService(_control, _observer, new JobServiceOptions { ResyncInterval = TimeSpan.FromMilliseconds(50) });
        _job = _fixture.NewJob("disk", cron: null) with { Attach = AttachMode.Always };
        _fixture.Write(_job);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _control.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_changed_device_is_set_up_anew()
    {
        await StartAsync();

        _fixture.Write(_job with { BlockSize = new ByteSize(65536), Logs = [_job.Logs[0] with { Size = new ByteSize(16 << 20) }] });

        await _observer.Log.FirstAsync("attached disk", "with 65536");
        Assert.Equal(16 << 20, new FileInfo(_job.Logs[0].Path).Length);
        Assert.Empty(_observer.Of("problem"));
    }

    [Fact]
    public async Task A_change_that_is_not_the_devices_leaves_it_alone()
    {
        await StartAsync();

        _fixture.Write(_job with { Keep = 3 });

        await _observer.Log.FirstAsync("Changed disk");
        await FollowedAsync();
        Assert.Single(_observer.Of("attached disk"));
    }

    [Fact]
    public async Task A_device_in_use_is_kept_and_changed_when_it_is_free()
    {
        await StartAsync();
        using var client = ExternalTool.Require("qemu-io").Start("-f", "raw", "-c", "sleep 600000", _control.Devices.Get("disk").Uri);
        try
        {
            while (_control.Devices.Get("disk").OpenCount == 0)
            {
                Assert.False(client.HasExited, "the client ended before it connected");
                await Task.Delay(10);
            }

            _fixture.Write(_job with { BlockSize = new ByteSize(65536) });
            await _observer.Log.FirstAsync("kept disk", "it is in use");
            await FollowedAsync();
            Assert.Equal(4096, _control.Devices.Get("disk").BlockSize);
        }
        finally
        {
            client.Kill();
            await client.WaitForExitAsync();
        }

        await _observer.Log.FirstAsync("attached disk", "with 65536");
        Assert.Single(_observer.Of("kept"));
    }

    [Fact]
    public async Task A_device_that_a_run_uses_is_changed_when_the_run_has_ended()
    {
        await StartAsync();
        var gate = new GateBeforeArchive();
        var running = _control.Jobs.RunAsync("disk", gate);
        await gate.Reached;

        _fixture.Write(_job with { BlockSize = new ByteSize(65536) });
        await _observer.Log.FirstAsync("Changed disk");
        await FollowedAsync();
        Assert.Single(_observer.Of("attached disk"));
        gate.Open();

        Assert.Equal(RunOutcome.Succeeded, (await running).Run.Outcome);
        await _observer.Log.FirstAsync("attached disk", "with 65536");
    }

    [Fact]
    public async Task A_device_that_keeps_a_snapshot_is_changed_when_the_snapshot_is_ended()
    {
        await StartAsync();
        await _control.Snapshots.StartAsync("disk", "theirs");

        _fixture.Write(_job with { BlockSize = new ByteSize(65536) });
        await _observer.Log.FirstAsync("kept disk", "it keeps theirs");
        await FollowedAsync();
        Assert.Equal(["theirs"], _control.Devices.Get("disk").Snapshots);
        Assert.Single(_observer.Of("attached disk"));

        await _control.Snapshots.EndAsync("disk");
        await _observer.Log.FirstAsync("attached disk", "with 65536");
        Assert.Single(_observer.Of("kept"));
    }

    [Fact]
    public async Task Logs_that_fill_are_told_of()
    {
        _fixture.Write(_job with { Logs = [_job.Logs[0] with { Size = new ByteSize(1 << 20) }] });
        await StartAsync();
        await _control.Snapshots.StartAsync("disk", "theirs");

        var origin = _control.Devices.OpenOrigin("disk");
        await using (origin)
            await origin.WriteAsync(0, new byte[origin.Size]);

        await _observer.Log.FirstAsync("Overflowed disk: its logs were full");
    }

    [Fact]
    public async Task A_device_that_is_found_again_as_it_was_follows_its_document_when_it_keeps_nothing_any_more()
    {
        await using (var shell = _fixture.NewControl())
        {
            await shell.Devices.AttachAsync(_job.ToDeviceOptions());
            await shell.Snapshots.StartAsync("disk", "theirs");
        }

        _fixture.Write(_job with { BlockSize = new ByteSize(65536), ChangeGranularity = new ByteSize(8192) });
        await StartAsync();
        await _observer.Log.FirstAsync("kept disk", "it keeps theirs");
        await _control.Snapshots.EndAsync("disk");

        await _observer.Log.FirstAsync("attached disk", "with 65536");
        await FollowedAsync();
        Assert.Equal(2, _observer.Of("attached disk").Count);
    }

    [Fact]
    public async Task A_device_whose_job_is_removed_is_let_go_with_its_snapshot_and_its_log_stays()
    {
        await StartAsync();
        await _control.Snapshots.StartAsync("disk", "theirs");

        _fixture.Remove("disk");
        await _observer.Log.FirstAsync("detached disk");
        await FollowedAsync();

        Assert.Empty(_control.Devices.List());
        Assert.Equal(["theirs"], (await _control.Devices.AttachAsync(_job.ToDeviceOptions())).Snapshots);
    }

    [Fact]
    public async Task A_device_whose_document_broke_stays_attached()
    {
        await StartAsync();

        _fixture.WriteText("disk", "{");

        await _observer.Log.FirstAsync("problem disk", "disk.json");
        await FollowedAsync();
        Assert.Equal("disk", Assert.Single(_control.Devices.List()).Name);
        Assert.Single(_observer.Of("problem"));
        Assert.Empty(_observer.Of("Removed disk"));
    }

    [Fact]
    public async Task A_device_whose_job_is_removed_is_detached_and_its_log_goes()
    {
        await StartAsync();

        _fixture.Remove("disk");

        await _observer.Log.FirstAsync("detached disk");
        await FollowedAsync();
        Assert.Empty(_control.Devices.List());
        Assert.False(File.Exists(_job.Logs[0].Path));
    }

    [Fact]
    public async Task A_job_that_no_longer_wants_its_device_attached_is_still_a_job()
    {
        await StartAsync();

        _fixture.Write(_job with { Attach = AttachMode.Run });

        await _observer.Log.FirstAsync("detached disk");
        Assert.Equal(RunOutcome.Succeeded, (await _control.Jobs.RunAsync("disk")).Run.Outcome);
    }

    [Fact]
    public async Task A_device_that_cannot_be_changed_is_put_back_as_it_was_and_the_reason_is_told_once()
    {
        await StartAsync();

        _fixture.Write(_job with { Source = _fixture["missing.img"] });

        await _observer.Log.FirstAsync("problem disk", "missing.img");
        await FollowedAsync();
        Assert.Equal(_job.Source, _control.Devices.Get("disk").Source);
        Assert.Single(_observer.Of("problem"));
        Assert.Single(_observer.Of("detached"));

        _fixture.Write(_job with { BlockSize = new ByteSize(65536) });
        await _observer.Log.FirstAsync("attached disk", "with 65536");
    }

    [Fact]
    public async Task A_folder_that_is_replaced_is_followed_still()
    {
        await StartAsync();

        Directory.Move(_fixture.State.Jobs, _fixture["elsewhere"]);
        await _observer.Log.FirstAsync("problem :", _fixture.State.Jobs);
        Assert.Empty(_observer.Of("Removed"));

        _fixture.Write(_job with { BlockSize = new ByteSize(65536) });
        await _observer.Log.FirstAsync("attached disk", "with 65536");
    }

    [Fact]
    public async Task Without_an_observer_it_works_as_well()
    {
        await using var service = new JobService(_control);
        await service.StartAsync();
        Assert.Single(_control.Devices.List());
        await service.StopAsync();
        Assert.Single(_control.Devices.List());
    }

    private async Task StartAsync()
    {
        await _service.StartAsync();
        await _observer.Log.FirstAsync("attached disk", "with 4096");
    }

    /// <summary>Waits until the folder was read twice more: a job that comes and goes shows it.</summary>
    private async Task FollowedAsync()
    {
        _fixture.Write(_fixture.NewJob("marker", cron: null));
        await _observer.Log.FirstAsync("Added marker");
        _fixture.Remove("marker");
        await _observer.Log.FirstAsync("Removed marker");
    }

    /// <summary>Holds a run where its snapshot is started and nobody has it open yet.</summary>
    private sealed class GateBeforeArchive : IProgress<RunProgress>
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Open() => _open.SetResult();

        public void Report(RunProgress value)
        {
            if (value.Step != CycleStep.Archive)
                return;
            _reached.TrySetResult();
            _open.Task.GetAwaiter().GetResult();
        }
    }
}
