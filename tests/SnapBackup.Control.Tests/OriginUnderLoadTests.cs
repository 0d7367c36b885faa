using System.Security.Cryptography;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>A disk that fio writes and verifies all the time, while snapshots of it come and go.</summary>
public sealed class OriginUnderLoadTests : IAsyncLifetime
{
    private const int Size = 64 << 20;

    private readonly TempFolder _folder = new();
    private SnapBackupControl _control = null!;
    private SnapDeviceInfo _device = null!;

    public async ValueTask InitializeAsync()
    {
        _control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System);
        await File.WriteAllBytesAsync(_folder["disk.img"], new byte[Size]);
        _device = await _control.Devices.AttachAsync(new SnapDeviceOptions
        {
            Name = "web",
            Source = _folder["disk.img"],
            Logs = [new LogOptions { Path = _folder["log"], Size = 512 << 20 }],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Fio_finds_every_block_as_written_and_every_snapshot_stays_as_it_was()
    {
        var fio = ExternalTool.Require("fio");
        var load = fio.RunAsync(
            "--name=verify", "--ioengine=nbd", $"--uri={_device.Uri}", $"--size={Size}", "--rw=randwrite", "--bsrange=4k-64k", "--iodepth=32",
            "--verify=crc32c", "--verify_fatal=1", "--do_verify=1", "--loops=8", "--randseed=1", $"--aux-path={_folder.Path}");
        var rounds = 0;
        while (!load.IsCompleted)
        {
            var name = $"s{rounds++}";
            var snapshot = await _control.Snapshots.StartAsync("web", name);
            var first = await HashAsync(snapshot);
            Assert.Equal(first, await HashAsync(snapshot));
            await _control.Snapshots.EndAsync("web", name, keepChanges: rounds % 2 == 0);
        }

        Assert.Contains("err= 0", (await load).Succeeded().Output, StringComparison.Ordinal);
        Assert.True(rounds > 1, $"{rounds} snapshots");
    }

#if DEBUG
    [Fact(Skip = "In a debug build every state machine is an object.")]
#else
    [Fact]
#endif
    public async Task A_request_allocates_nothing()
    {
        await RunAsync(20_000); // what is made once is made
        var few = await RunAsync(20_000);
        var many = await RunAsync(220_000);
        // The smallest object has 24 bytes. A page that is being written back now and then takes a read to another thread, with an object for it.
        Assert.True(many - few < 200_000 * 8, $"{(many - few) / 200_000.0:0.0} bytes a request");

        async Task<long> RunAsync(int requests)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            (await ExternalTool.Require("fio").RunAsync(
                "--name=load", "--ioengine=nbd", $"--uri={_device.Uri}", $"--size={Size}", "--rw=randrw", "--bs=4k", "--iodepth=32", "--norandommap=1",
                $"--io_size={requests * 4096L}", "--minimal", $"--aux-path={_folder.Path}")).Succeeded();
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }

    [Fact]
    public async Task What_changed_since_a_snapshot_is_told_to_other_backup_tools()
    {
        var (qemuIo, nbdInfo) = (ExternalTool.Require("qemu-io"), ExternalTool.Require("nbdinfo"));
        await _control.Snapshots.StartAsync("web", "monday");
        (await qemuIo.RunAsync("-f", "raw", _device.Uri, "-c", "write -P 7 1M 64k", "-c", "write -P 7 5M 4k")).Succeeded();
        var tuesday = await _control.Snapshots.StartAsync("web", "tuesday");
        (await qemuIo.RunAsync("-f", "raw", _device.Uri, "-c", "write -P 8 9M 4k")).Succeeded();

        Assert.Equal("1048576 5242880", await DirtyAsync(tuesday.Uri!, "monday"));
        Assert.Equal("1048576 5242880 9437184", await DirtyAsync(_device.Uri, "monday"));
        Assert.Equal("9437184", await DirtyAsync(_device.Uri, "tuesday"));
        await _control.Snapshots.EndAsync("web", "monday", keepChanges: true);
        Assert.Equal("1048576 5242880", await DirtyAsync(tuesday.Uri!, "monday"));
        Assert.NotEqual(0, (await nbdInfo.RunAsync("--map=qemu:dirty-bitmap:sunday", _device.Uri)).ExitCode);

        async Task<string> DirtyAsync(string uri, string since)
        {
            var map = (await nbdInfo.RunAsync($"--map=qemu:dirty-bitmap:{since}", uri)).Succeeded().Output;
            var lines = map.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            return string.Join(' ', lines.Where(fields => fields[2] == "1").Select(fields => fields[0]));
        }
    }

    private async Task<string> HashAsync(SnapshotInfo snapshot)
    {
        var copy = _folder["copy.img"];
        (await ExternalTool.Require("nbdcopy").RunAsync("--connections=4", snapshot.Uri!, copy)).Succeeded();
        await using var content = File.OpenRead(copy);
        return Convert.ToHexString(await SHA256.HashDataAsync(content));
    }
}
