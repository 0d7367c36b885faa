using System.Diagnostics;
using SnapBackup.Control;
using SnapBackup.Engine;
using SnapBackup.Kernel.Attaching;
using SnapBackup.Kernel.Freezing;
using SnapBackup.Kernel.Mounting;

// Holds something, says "ready", and waits to be killed:
//   mounts <folder>    an origin that is attached and mounted, and a snapshot mounted beside it; disk.img is in the folder
//   writes <folder>    the same, and it writes to both without a pause
//   freeze <path>      a frozen file system
switch (args)
{
    case ["mounts", var folder]:
        await HoldMountsAsync(folder);
        await WaitAsync();
        return 0;
    case ["writes", var folder]:
        await HoldMountsAsync(folder);
        new Thread(() => WriteForEver($"{folder}/origin/busy")).Start();
        new Thread(() => WriteForEver($"{folder}/made/by/us/busy")).Start();
        await WaitAsync();
        return 0;
    case ["freeze", var path]:
        await FrozenFileSystem.FreezeAsync(path, TimeSpan.FromHours(1), CancellationToken.None);
        await WaitAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("mounts <folder> | writes <folder> | freeze <path>");
        return 2;
}

static async Task HoldMountsAsync(string folder)
{
    var control = new SnapBackupControl(
        new StateFolder($"{folder}/state"), $"{folder}/held.sock", TimeProvider.System, attachments: new AttachmentRegistry($"{folder}/run"));
    await control.Devices.AttachAsync(new SnapDeviceOptions { Name = "held", Source = $"{folder}/disk.img", Logs = [new LogOptions { Path = $"{folder}/held.log", Size = 48 << 20 }] });
    var device = await control.Devices.ConnectAsync("held");
    Directory.CreateDirectory($"{folder}/origin");
    using (var mount = Process.Start("mount", [device.BlockDevice!, $"{folder}/origin"]))
        await mount.WaitForExitAsync();
    await control.Snapshots.StartAsync("held", "s");
    await control.Mounts.MountAsync("held", "s", new MountOptions { Path = $"{folder}/made/by/us", IsWritable = true });
    await File.WriteAllTextAsync($"{folder}/origin/dirty", "not written out yet");
    await File.WriteAllTextAsync($"{folder}/made/by/us/dirty", "not written out yet");
}

static void WriteForEver(string path)
{
    using var file = File.Create(path);
    for (var round = 0L; ; round++)
    {
        file.Position = 0;
        file.Write(BitConverter.GetBytes(round));
        file.Flush(flushToDisk: true);
    }
}

static async Task WaitAsync()
{
    await Console.Out.WriteLineAsync("ready");
    await Task.Delay(Timeout.Infinite);
}
