using System.Diagnostics;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>
/// The promise as a whole: a 1 GiB ext4 file system, mounted through the origin and written under fio's verify load, is
/// frozen for a moment while its snapshot starts; the archive that is made while the load goes on restores, with the stock
/// zstd, to a clean file system.
/// </summary>
public sealed class LiveFileSystemTests
{
    private const long Size = 1L << 30;

    [Fact]
    public async Task A_mounted_file_system_under_load_is_archived_and_restores_clean()
    {
        ExternalTool.RequireRoot();
        var e2fsck = ExternalTool.Require("e2fsck");
        var fio = ExternalTool.Require("fio");
        var zstd = ExternalTool.Require("zstd");
        var freeze = ExternalTool.Require("fsfreeze");
        using var folder = new TempFolder();
        await MakeFileSystemAsync(folder["disk.img"]);

        await using var control = new SnapBackupControl(new StateFolder(folder["state"]), folder["nbd.sock"], TimeProvider.System);
        var device = await control.Devices.AttachAsync(new SnapDeviceOptions
        {
            Source = folder["disk.img"],
            Logs = [new LogOptions { Path = folder["log0"], Size = 64 << 20 }, new LogOptions { Path = folder["log1"], Size = 1 << 30 }],
        });
        await using var mount = await OriginMount.MountAsync(device.Uri, folder);
        using var load = fio.Start(
            "--name=load", "--thread", $"--filename={mount.Path}/load.bin", "--size=192m", "--rw=randwrite", "--bs=4k", "--iodepth=16",
            "--ioengine=libaio", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--fallocate=none");
        try
        {
            await WaitForFirstWritesAsync(control, load);
            (await freeze.RunAsync("--freeze", mount.Path)).Succeeded();
            try
            {
                await control.Snapshots.StartAsync(device.Name, "nightly");
            }
            finally
            {
                (await freeze.RunAsync("--unfreeze", mount.Path)).Succeeded();
            }

            Directory.CreateDirectory(folder["store"]);
            var archive = await control.Archives.CreateAsync(device.Name, "nightly", folder["store"]);
            await load.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(load.ExitCode == 0, await load.StandardOutput.ReadToEndAsync());
            Assert.True(control.Devices.Get(device.Name).Statistics.BlocksPreserved > 0, "the load went on under the snapshot");

            (await zstd.RunAsync("-d", "-q", archive.Path, "-o", folder["restored.img"])).Succeeded();
            (await e2fsck.RunAsync("-f", "-n", folder["restored.img"])).Succeeded();
            var snapshotUri = control.Snapshots.Get(device.Name).Uri!;
            (await ExternalTool.Require("qemu-img").RunAsync(
                "compare", "-f", "raw", "-F", "raw", "-q", folder["restored.img"], snapshotUri)).Succeeded();
        }
        finally
        {
            if (!load.HasExited)
                load.Kill();
            await load.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task MakeFileSystemAsync(string path)
    {
        using var content = new TempFolder();
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[(i + 1) * 1000];
            new Random(i).NextBytes(bytes);
            await File.WriteAllBytesAsync(content[$"file{i}.bin"], bytes);
        }

        (await ExternalTool.Require("mke2fs").RunAsync("-q", "-t", "ext4", "-d", content.Path, path, $"{Size / 1024}k")).Succeeded();
    }

    private static async Task WaitForFirstWritesAsync(SnapBackupControl control, Process load)
    {
        var before = control.Devices.Get("snap0").Statistics.OriginBytesWritten;
        while (control.Devices.Get("snap0").Statistics.OriginBytesWritten < before + (16 << 20))
        {
            Assert.False(load.HasExited, "the load ended before it wrote to the disk");
            await Task.Delay(20);
        }
    }
}
