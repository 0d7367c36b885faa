using SnapBackup.Archive;
using SnapBackup.Blocks;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Service.Tests;

/// <summary>Jobs whose device is attached as long as the daemon runs, used by real NBD clients.</summary>
public sealed class AttachedDeviceTests : IAsyncDisposable
{
    private readonly ServiceFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    private string Uri => $"nbd+unix:///disk?socket={_fixture.State.Socket}";

    [Fact]
    public async Task An_attached_disk_is_written_over_nbd_and_backed_up_and_stays_attached()
    {
        var nbdinfo = ExternalTool.Require("nbdinfo");
        var job = _fixture.NewJob("disk", ServiceFixture.Rarely) with { Attach = AttachMode.Always };
        _fixture.Write(job);
        var daemon = _fixture.StartDaemon();
        await daemon.LoggedAsync(1, "Running the jobs");
        Assert.Equal("4194304", (await nbdinfo.RunAsync("--size", Uri)).Succeeded().Output.Trim());
        await WriteAsync("0xab");

        _fixture.Write(job with { Schedule = new JobSchedule { Cron = ServiceFixture.EverySecond } });
        await daemon.LoggedAsync(31, "job disk succeeded");

        var run = _fixture.RunsOf("disk")[0];
        await using (var archive = await ImageArchive.OpenAsync(run.Archive!))
            await archive.RestoreAsync(_fixture["restored.img"]);
        Assert.All(File.ReadAllBytes(_fixture["restored.img"]).Take(65536), value => Assert.Equal(0xab, value));
        await WriteAsync("0xcd");
        await daemon.TerminateAsync();
        Assert.False(File.Exists(_fixture.State.Socket));
        Assert.All(File.ReadAllBytes(job.Source).Take(65536), value => Assert.Equal(0xcd, value));
    }

    [Fact]
    public async Task Clients_on_other_machines_reach_it_over_TCP_with_a_certificate()
    {
        var nbdinfo = ExternalTool.Require("nbdinfo");
        using var certificates = new CertificateFolder();
        _fixture.Write(_fixture.NewJob("disk", cron: null) with { Attach = AttachMode.Always });
        var daemon = _fixture.StartDaemon(
            "--tcp", "0.0.0.0:0", "--tls-certificate", certificates["server-cert.pem"], "--tls-key", certificates["server-key.pem"], "--tls-client-ca", certificates.Authorities);
        var message = await daemon.LoggedAsync(5, "served over TCP");
        await daemon.LoggedAsync(20, "Device disk");

        var address = $"127.0.0.1:{message.Split("0.0.0.0:")[1].Split(", with TLS only")[0]}";
        Assert.Equal("4194304", (await nbdinfo.RunAsync("--size", $"nbds://{address}/disk?tls-certificates={certificates.Path}")).Succeeded().Output.Trim());
        Assert.NotEqual(0, (await nbdinfo.RunAsync("--size", $"nbd://{address}/disk")).ExitCode);
        Assert.Equal("4194304", (await nbdinfo.RunAsync("--size", Uri)).Succeeded().Output.Trim());
        await daemon.TerminateAsync();
    }

    [Fact]
    public async Task After_a_crash_the_device_is_attached_again_with_its_log()
    {
        _fixture.Write(_fixture.NewJob("disk", cron: null) with { Attach = AttachMode.Always });
        var daemon = _fixture.StartDaemon();
        await daemon.LoggedAsync(20, "Device disk");
        await WriteAsync("0xab");
        await daemon.KillAsync();

        var next = _fixture.StartDaemon();
        await next.LoggedAsync(20, "Device disk");
        await WriteAsync("0xcd");
        await next.TerminateAsync();
    }

    [Fact]
    public async Task A_snapshot_that_the_logs_keep_is_served_again_after_a_stop_and_after_a_crash()
    {
        var job = _fixture.NewJob("disk", cron: null) with { Attach = AttachMode.Always };
        var content = await File.ReadAllBytesAsync(job.Source, TestContext.Current.CancellationToken);
        _fixture.Write(job);
        await using (var control = _fixture.NewControl())
        {
            await control.Devices.AttachAsync(job.ToDeviceOptions());
            await control.Snapshots.StartAsync("disk", "theirs");
        }

        var first = await AttachedAsync();
        await WriteAsync("0xab");
        await first.TerminateAsync();
        var second = await AttachedAsync();
        Assert.Equal(content, await CopyAsync("disk@theirs"));
        await WriteAsync("0xcd");
        await second.KillAsync();
        var third = await AttachedAsync();
        Assert.Equal(content, await CopyAsync("disk@theirs"));
        Assert.All((await CopyAsync("disk"))[..65536], value => Assert.Equal(0xcd, value));
        await third.TerminateAsync();
    }

    [Fact]
    public async Task A_device_that_cannot_be_set_up_is_reported_and_the_others_are_attached()
    {
        var failing = _fixture.NewJob("failing", cron: null) with { Attach = AttachMode.Always };
        File.Delete(failing.Source);
        _fixture.Write(failing);
        _fixture.Write(_fixture.NewJob("good", cron: null) with { Attach = AttachMode.Always });
        var daemon = _fixture.StartDaemon();

        Assert.Contains(failing.Source, await daemon.LoggedAsync(11, "Job failing"), StringComparison.Ordinal);
        await daemon.LoggedAsync(20, "Device good");
        await daemon.TerminateAsync();
    }

    [Fact]
    public async Task Logs_that_fill_are_a_warning_in_the_log()
    {
        var job = _fixture.NewJob("disk", cron: null) with { Attach = AttachMode.Always };
        _fixture.Write(job with { Logs = [job.Logs[0] with { Size = new ByteSize(1 << 20) }] });
        var daemon = await AttachedAsync();
        await daemon.TerminateAsync();
        await using (var control = _fixture.NewControl())
        {
            await control.Devices.AttachAsync(job.ToDeviceOptions() with { Logs = [new LogOptions { Path = job.Logs[0].Path }] });
            await control.Snapshots.StartAsync("disk", "theirs");
        }

        var next = await AttachedAsync();
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", "-c", "write -P 0xab 0 4M", Uri)).Succeeded();
        Assert.Contains("writes are slowed", await next.LoggedAsync(24, "Device disk: its logs are filling"), StringComparison.Ordinal);
        await next.LoggedAsync(24, "Device disk: its logs were full");
        await next.TerminateAsync();
    }

    private async Task<Daemon> AttachedAsync()
    {
        var daemon = _fixture.StartDaemon();
        await daemon.LoggedAsync(20, "Device disk");
        return daemon;
    }

    private async Task<byte[]> CopyAsync(string export)
    {
        var copy = _fixture["copy.img"];
        (await ExternalTool.Require("nbdcopy").RunAsync($"nbd+unix:///{export}?socket={_fixture.State.Socket}", copy)).Succeeded();
        return await File.ReadAllBytesAsync(copy);
    }

    private async Task WriteAsync(string pattern) =>
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", "-c", $"write -P {pattern} 0 64k", Uri)).Succeeded();
}
