using System.Diagnostics;
using SnapBackup.Control.Mounts;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.Kernel.Tests;

/// <summary>File systems held still while a snapshot starts, and thawed whatever happens.</summary>
public sealed class FreezeTests
{
    [Fact]
    public async Task A_frozen_start_leaves_nothing_to_recover_and_one_without_does()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.MountOriginAsync();
        await FileTree.WriteAsync(disk.Origin);
        Assert.DoesNotContain("needs_recovery", await FeaturesAsync(disk, await disk.StartAsync("frozen")), StringComparison.Ordinal);
        Assert.Contains("needs_recovery", await FeaturesAsync(disk, await disk.StartAsync("not", FreezeOptions.None)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_freezes_all_that_is_mounted_of_it()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await FileSystemImage.MakeAsync("ext4", disk["other.img"]);
        await disk.AttachAsync("other", disk["other.img"], disk["other.log"]);
        await disk.MountOriginAsync();
        await disk.MountOriginAsync("other", disk["mnt"]);
        await FileTree.WriteAsync(disk.Origin);
        await FileTree.WriteAsync(disk["mnt"]);
        foreach (var snapshot in await disk.Control.Snapshots.StartGroupAsync([Disk.Name, "other"], "both"))
            Assert.DoesNotContain("needs_recovery", await FeaturesAsync(disk, snapshot), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(disk.Origin, "after"), "thawed");
        await File.WriteAllTextAsync(Path.Combine(disk["mnt"], "after"), "thawed");
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task When_the_process_that_froze_is_killed_the_file_system_thaws(string fileSystem)
    {
        await using var disk = await Disk.MakeAsync(fileSystem);
        await disk.MountOriginAsync();
        await using var holder = await Holder.StartAsync("freeze", disk.Origin);
        using var writer = ExternalTool.Require("sh").Start("-c", $"echo written > {disk.Origin}/file");
        await UntilItWaitsAsync(writer);
        await holder.KillAsync();
        await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("written\n", await File.ReadAllTextAsync($"{disk.Origin}/file"));
    }

    [Fact]
    public async Task A_start_that_exceeds_the_limit_fails_and_leaves_nothing_frozen_and_no_snapshot()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await using var logs = await LoopMount.MakeAsync("ext4", disk["logs"]);
        await FileSystemImage.MakeAsync("ext4", disk["late.img"]);
        await disk.Control.Devices.AttachAsync(new SnapDeviceOptions
        {
            Name = "late",
            Source = disk["late.img"],
            Logs = [new LogOptions { Path = Path.Combine(logs.Path, "log"), Size = 8 << 20 }],
        });
        await disk.MountOriginAsync("late", disk.Origin);

        // Nothing can be written to the log: the start waits for that until the origin is thawed, and thawing writes to the origin, for which it waits.
        (await ExternalTool.Require("fsfreeze").RunAsync("--freeze", logs.Path)).Succeeded();
        Task start;
        try
        {
            start = disk.Control.Snapshots.StartAsync("late", "s", new FreezeOptions { Limit = TimeSpan.FromSeconds(1) });
            await UntilAsync(() => IsBeingThawed(disk.Origin));
        }
        finally
        {
            (await ExternalTool.Require("fsfreeze").RunAsync("--unfreeze", logs.Path)).Succeeded();
        }

        Assert.Equal(KernelError.FreezeTimeout, (await Assert.ThrowsAsync<KernelException>(() => start)).Reason);
        Assert.Empty(disk.Control.Snapshots.List());
        await File.WriteAllTextAsync(Path.Combine(disk.Origin, "file"), "thawed");
        await disk.Control.Snapshots.StartAsync("late", "s");
        await disk.Control.Devices.RemoveAsync("late", force: true);
    }

    [Fact]
    public async Task What_holds_a_log_is_not_frozen()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.MountOriginAsync();
        await FileSystemImage.MakeAsync("ext4", disk["other.img"]);
        await using var log = new FileStream(Path.Combine(disk.Origin, "other.log"), FileMode.Create);
        log.SetLength(8 << 20);
        log.Close();
        await disk.Control.Devices.AttachAsync(new SnapDeviceOptions
        {
            Name = "other",
            Source = disk["other.img"],
            Logs = [new LogOptions { Path = Path.Combine(disk.Origin, "other.log") }],
        });

        var refusal = await Assert.ThrowsAsync<KernelException>(() => disk.StartAsync("s"));
        Assert.Equal(KernelError.FreezeRefused, refusal.Reason);
        Assert.Contains("other.log", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(disk.Control.Snapshots.List());
        await disk.StartAsync("s", FreezeOptions.None);
        await disk.Control.Devices.RemoveAsync("other");
    }

    [Fact]
    public async Task A_run_freezes_what_is_mounted_and_refuses_to_when_its_store_lies_on_it()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.MountOriginAsync();
        await FileTree.WriteAsync(disk.Origin);
        Directory.CreateDirectory(disk["store"]);
        Directory.CreateDirectory(Path.Combine(disk.Origin, "store"));
        disk.Control.Jobs.Register(JobOf(disk, "good", disk["store"]));
        disk.Control.Jobs.Register(JobOf(disk, "bad", Path.Combine(disk.Origin, "store")));

        var (run, error) = await disk.Control.Jobs.RunAsync("good", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(error);
        (await ExternalTool.Require("zstd").RunAsync("-d", "-q", run.Archive!, "-o", disk["restored.img"])).Succeeded();
        Assert.DoesNotContain("needs_recovery", await FeaturesAsync(disk["restored.img"]), StringComparison.Ordinal);

        (_, error) = await disk.Control.Jobs.RunAsync("bad", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(KernelError.FreezeRefused, Assert.IsType<KernelException>(error).Reason);
        Assert.Empty(disk.Control.Snapshots.List());
        await File.WriteAllTextAsync(Path.Combine(disk.Origin, "after"), "thawed");
    }

    [Fact]
    public async Task A_file_system_that_is_frozen_already_is_an_error_and_the_others_of_the_group_thaw()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await FileSystemImage.MakeAsync("ext4", disk["other.img"]);
        await disk.AttachAsync("other", disk["other.img"], disk["other.log"]);
        await disk.MountOriginAsync();
        await disk.MountOriginAsync("other", disk["mnt"]);
        (await ExternalTool.Require("fsfreeze").RunAsync("--freeze", disk["mnt"])).Succeeded();
        try
        {
            var failure = await Assert.ThrowsAsync<KernelException>(() => disk.Control.Snapshots.StartGroupAsync([Disk.Name, "other"], "s"));
            Assert.Equal(KernelError.FreezeFailed, failure.Reason);
            Assert.Empty(disk.Control.Snapshots.List());
            await File.WriteAllTextAsync(Path.Combine(disk.Origin, "file"), "thawed");
        }
        finally
        {
            (await ExternalTool.Require("fsfreeze").RunAsync("--unfreeze", disk["mnt"])).Succeeded();
        }
    }

    private static async Task<string> FeaturesAsync(Disk disk, Control.Devices.SnapshotInfo snapshot)
    {
        return await FeaturesAsync(await disk.CopyAsync(snapshot));
    }

    private static JobDocument JobOf(Disk disk, string name, string store) => new()
    {
        Name = name,
        Source = disk["disk.img"],
        Logs = [new JobLog { Path = disk["disk.log"] }],
        Store = store,
    };

    private static async Task<string> FeaturesAsync(string image)
    {
        var features = await ExternalTool.Require("dumpe2fs").RunAsync("-h", image);
        return features.Succeeded().Output.Split('\n').Single(line => line.StartsWith("Filesystem features:", StringComparison.Ordinal));
    }

    /// <summary>Waits until a process is held up in the kernel.</summary>
    private static Task UntilItWaitsAsync(Process process) => UntilAsync(() =>
    {
        Assert.False(process.HasExited, "it was not held up");
        return File.ReadAllText($"/proc/{process.Id}/stat").Contains(") D ", StringComparison.Ordinal);
    });

    private static bool IsBeingThawed(string path) => Process.GetProcesses().Any(process => CommandLineOf(process).Contains($"--unfreeze\0{path}\0", StringComparison.Ordinal));

    private static string CommandLineOf(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return ""; // It has ended.
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }
}
