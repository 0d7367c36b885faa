using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>Origin and snapshot of a real device, as real NBD clients see them.</summary>
public sealed class DeviceExportTests : IAsyncLifetime
{
    private const int Size = 32 << 20;

    private readonly TempFolder _folder = new();
    private readonly byte[] _before = new byte[Size];
    private SnapDeviceOptions _options = null!;
    private SnapBackupControl _control = null!;
    private SnapDeviceInfo _device = null!;

    public async ValueTask InitializeAsync()
    {
        new Random(1).NextBytes(_before.AsSpan(0, Size / 2)); // the other half is a hole
        await File.WriteAllBytesAsync(_folder["disk.img"], _before);
        _options = new SnapDeviceOptions
        {
            Name = "web",
            Source = _folder["disk.img"],
            Logs = [new LogOptions { Path = _folder["log"], Size = 64 << 20 }],
        };
        StartControl();
        _device = await _control.Devices.AttachAsync(_options);
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_list_has_the_origin_and_the_snapshot_while_it_is_kept()
    {
        Assert.Equal(["web"], await ListAsync());
        await _control.Snapshots.StartAsync("web", "nightly");
        Assert.Equal(["web", "web@nightly"], await ListAsync());
        await _control.Snapshots.EndAsync("web");
        Assert.Equal(["web"], await ListAsync());
    }

    [Fact]
    public async Task Each_of_several_snapshots_is_an_export_of_its_own_with_its_own_content()
    {
        var qemu = ExternalTool.Require("qemu-io");
        var first = await _control.Snapshots.StartAsync("web", "first");
        (await qemu.RunAsync("-f", "raw", _device.Uri, "-c", "write -P 7 0 1M")).Succeeded();
        var second = await _control.Snapshots.StartAsync("web", "second");
        (await qemu.RunAsync("-f", "raw", _device.Uri, "-c", "write -P 8 0 1M")).Succeeded();

        Assert.Equal(["web", "web@first", "web@second"], await ListAsync());
        Assert.Equal(_before, await CopyAsync(first));
        var between = await CopyAsync(second);
        Assert.All(between[..(1 << 20)], value => Assert.Equal(7, value));
        Assert.Equal(_before[(1 << 20)..], between[(1 << 20)..]);
    }

    [Fact]
    public async Task A_device_that_was_let_go_and_attached_again_serves_the_snapshots_it_kept()
    {
        await _control.Snapshots.StartAsync("web", "nightly");
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", _device.Uri, "-c", "write -P 7 0 1M")).Succeeded();

        await _control.DisposeAsync();
        StartControl();
        _device = await _control.Devices.AttachAsync(_options);

        Assert.Equal(["nightly"], _device.Snapshots);
        var snapshot = _control.Snapshots.Get("web");
        Assert.Equal(PointState.Active, snapshot.State);
        Assert.Equal(_before, await CopyAsync(snapshot));
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", _device.Uri, "-c", "write -P 8 1M 1M")).Succeeded();
        Assert.Equal(_before, await CopyAsync(snapshot));
    }

    [Fact]
    public async Task A_snapshot_copied_by_nbdcopy_is_what_the_disk_held_before_qemu_io_wrote()
    {
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        (await ExternalTool.Require("qemu-io").RunAsync(
            "-f", "raw", _device.Uri,
            "-c", "write -P 7 0 1M", "-c", "write -P 8 -f 20000001 4099", "-c", "write -z 2M 3M", "-c", "discard 6M 2M", "-c", "flush")).Succeeded();
        Assert.Equal(_before, await CopyAsync(snapshot));
        Assert.Equal(7, (await File.ReadAllBytesAsync(_folder["disk.img"]))[1000]);
    }

    [Fact]
    public async Task A_snapshot_compares_equal_to_a_copy_of_the_disk_for_qemu_img()
    {
        await File.WriteAllBytesAsync(_folder["copy.img"], _before);
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", _device.Uri, "-c", "write -P 1 5M 9M")).Succeeded();
        (await ExternalTool.Require("qemu-img").RunAsync("compare", "-f", "raw", "-F", "raw", _folder["copy.img"], snapshot.Uri!)).Succeeded();
        Assert.Equal(1, (await ExternalTool.Require("qemu-img").RunAsync(
            "compare", "-f", "raw", "-F", "raw", _folder["copy.img"], _device.Uri)).ExitCode);
    }

    [Fact]
    public async Task A_write_to_a_snapshot_is_refused()
    {
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        Assert.NotEqual(0, (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", snapshot.Uri!, "-c", "write 0 4k")).ExitCode);
        Assert.NotEqual(0, (await ExternalTool.Require("nbdcopy").RunAsync(_folder["disk.img"], snapshot.Uri!)).ExitCode);
    }

    [Fact]
    public async Task A_private_copy_is_written_by_one_connection_and_seen_by_no_other()
    {
        var qemu = ExternalTool.Require("qemu-io");
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        var written = await qemu.RunAsync("-f", "raw", PrivateUri, "-c", "write -P 9 0 1M", "-c", "write -z 2M 1M", "-c", "flush", "-c", "read -P 9 0 1M", "-c", "read -P 0 2M 1M");
        Assert.DoesNotContain("failed", written.Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(_before, await CopyAsync(PrivateUri));
        Assert.Equal(_before, await CopyAsync(snapshot));
        Assert.Equal(_before, await File.ReadAllBytesAsync(_folder["disk.img"]));
        Assert.Equal(["web", "web@nightly"], await ListAsync());
    }

    [Fact]
    public async Task A_private_copy_is_there_as_long_as_its_snapshot()
    {
        var info = ExternalTool.Require("nbdinfo");
        Assert.NotEqual(0, (await info.RunAsync(PrivateUri)).ExitCode);
        await _control.Snapshots.StartAsync("web", "nightly");
        Assert.Contains("can_multi_conn: false", (await info.RunAsync(PrivateUri)).Succeeded().Output, StringComparison.Ordinal);
        await _control.Snapshots.EndAsync("web", "nightly");
        Assert.NotEqual(0, (await info.RunAsync(PrivateUri)).ExitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+rw")]
    public async Task A_client_of_a_snapshot_that_ends_gets_errors_and_does_not_hang(string mark)
    {
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        ExternalTool.Require("nbdsh");
        using var client = ExternalTool.Require("sh").Start("-c", $$"""
            PATH=/usr/bin:/bin
            mkfifo {{_folder["go"]}}
            exec nbdsh -u '{{snapshot.Uri!.Replace("@nightly", $"@nightly{mark}", StringComparison.Ordinal)}}' -c '
            h.pread(4096, 0)
            print("reading", flush=True)
            open("{{_folder["go"]}}").read()
            for offset in range(3):
                try:
                    h.pread(4096, offset * 4096)
                    print("no error")
                except nbd.Error as error:
                    print(error.errno)
            '
            """);
        Assert.Equal("reading", await client.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await _control.Snapshots.EndAsync("web", "nightly");
        await File.WriteAllTextAsync(_folder["go"], "", TestContext.Current.CancellationToken);
        var said = await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith('E')));
    }

    [Fact]
    public async Task Fio_verifies_the_origin_while_snapshots_come_and_go()
    {
        using var load = ExternalTool.Require("fio").Start(
            "--name=verify", "--thread", "--ioengine=nbd", $"--uri={_device.Uri}", "--rw=randwrite", "--bs=4k-32k", "--iodepth=32",
            "--size=32m", "--io_size=128m", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--randseed=1");
        var output = load.StandardOutput.ReadToEndAsync();
        try
        {
            var exit = load.WaitForExitAsync();
            for (var round = 0; !exit.IsCompleted; round++)
            {
                var snapshot = await _control.Snapshots.StartAsync("web", $"s{round}");
                var once = await CopyAsync(snapshot);
                Assert.Equal(once, await CopyAsync(snapshot));
                await _control.Snapshots.EndAsync("web");
            }

            Assert.True(load.ExitCode == 0, await output);
        }
        finally
        {
            if (!load.HasExited)
                load.Kill();
            await load.WaitForExitAsync();
        }
    }

    private void StartControl() =>
        _control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System);

    private string PrivateUri => $"nbd+unix:///web@nightly+rw?socket={_folder["nbd.sock"]}";

    private Task<byte[]> CopyAsync(SnapshotInfo snapshot) => CopyAsync(snapshot.Uri!);

    private async Task<byte[]> CopyAsync(string uri)
    {
        (await ExternalTool.Require("nbdcopy").RunAsync("--connections=4", uri, _folder["copy.img"])).Succeeded();
        return await File.ReadAllBytesAsync(_folder["copy.img"]);
    }

    private async Task<IEnumerable<string>> ListAsync()
    {
        var list = await ExternalTool.Require("nbdinfo").RunAsync("--list", $"nbd+unix://?socket={_folder["nbd.sock"]}");
        return list.Succeeded().Output.Split('\n').Where(line => line.StartsWith("export=", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
    }
}
