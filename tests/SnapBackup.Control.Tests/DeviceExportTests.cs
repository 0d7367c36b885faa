using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>Origin and snapshot of a real device, as real NBD clients see them.</summary>
public sealed class DeviceExportTests : IAsyncLifetime
{
    private const int Size = 32 << 20;

    private readonly TempFolder _folder = new();
    private readonly byte[] _before = new byte[Size];
    private SnapBackupControl _control = null!;
    private SnapDeviceInfo _device = null!;

    public async ValueTask InitializeAsync()
    {
        new Random(1).NextBytes(_before.AsSpan(0, Size / 2)); // the other half is a hole
        await File.WriteAllBytesAsync(_folder["disk.img"], _before);
        _control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System);
        _device = await _control.Devices.AttachAsync(new SnapDeviceOptions
        {
            Name = "web",
            Source = _folder["disk.img"],
            Logs = [new LogOptions { Path = _folder["log"], Size = 64 << 20 }],
        });
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
    public async Task A_snapshot_copied_by_nbdcopy_is_what_the_disk_held_before_qemu_io_wrote()
    {
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        (await ExternalTool.Require("qemu-io").RunAsync(
            "-f", "raw", _device.Uri,
            "-c", "write -P 7 0 1M", "-c", "write -P 8 -f 20000001 4099", "-c", "write -z 2M 3M", "-c", "discard 6M 2M", "-c", "flush")).Succeeded();
        (await ExternalTool.Require("nbdcopy").RunAsync("--connections=4", snapshot.Uri, _folder["copy.img"])).Succeeded();
        Assert.Equal(_before, await File.ReadAllBytesAsync(_folder["copy.img"]));
        Assert.Equal(7, (await File.ReadAllBytesAsync(_folder["disk.img"]))[1000]);
    }

    [Fact]
    public async Task A_snapshot_compares_equal_to_a_copy_of_the_disk_for_qemu_img()
    {
        await File.WriteAllBytesAsync(_folder["copy.img"], _before);
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", _device.Uri, "-c", "write -P 1 5M 9M")).Succeeded();
        (await ExternalTool.Require("qemu-img").RunAsync("compare", "-f", "raw", "-F", "raw", _folder["copy.img"], snapshot.Uri)).Succeeded();
        Assert.Equal(1, (await ExternalTool.Require("qemu-img").RunAsync(
            "compare", "-f", "raw", "-F", "raw", _folder["copy.img"], _device.Uri)).ExitCode);
    }

    [Fact]
    public async Task A_write_to_a_snapshot_is_refused()
    {
        var snapshot = await _control.Snapshots.StartAsync("web", "nightly");
        Assert.NotEqual(0, (await ExternalTool.Require("qemu-io").RunAsync("-f", "raw", snapshot.Uri, "-c", "write 0 4k")).ExitCode);
        Assert.NotEqual(0, (await ExternalTool.Require("nbdcopy").RunAsync(_folder["disk.img"], snapshot.Uri)).ExitCode);
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
                var first = await ReadTwiceAsync(snapshot);
                Assert.Equal(first.Once, first.Again);
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

    private async Task<(byte[] Once, byte[] Again)> ReadTwiceAsync(SnapshotInfo snapshot)
    {
        var copies = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            (await ExternalTool.Require("nbdcopy").RunAsync(snapshot.Uri, _folder["copy.img"])).Succeeded();
            copies.Add(await File.ReadAllBytesAsync(_folder["copy.img"]));
        }

        return (copies[0], copies[1]);
    }

    private async Task<IEnumerable<string>> ListAsync()
    {
        var list = await ExternalTool.Require("nbdinfo").RunAsync("--list", $"nbd+unix://?socket={_folder["nbd.sock"]}");
        return list.Succeeded().Output.Split('\n').Where(line => line.StartsWith("export=", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
    }
}
