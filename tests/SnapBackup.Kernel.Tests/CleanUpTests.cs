using System.Text.Json;
using System.Text.Json.Nodes;
using SnapBackup.Blocks;
using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Tests;

/// <summary>What a killed process has left attached and mounted is taken away by whoever comes next, and nothing else is.</summary>
public sealed class CleanUpTests
{
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task What_a_killed_process_had_mounted_and_attached_is_gone_after_the_next_start(string fileSystem)
    {
        await using var disk = await Disk.MakeAsync(fileSystem);
        await disk.Control.Devices.RemoveAsync(Disk.Name);
        await using var holder = await Holder.StartAsync("mounts", disk.Folder);
        var fuse = Registered(disk).Select(record => record["fuseProcess"].Deserialize<ProcessIdentity>(JsonSerializerOptions.Web)!).ToList();
        Assert.Equal(2, fuse.Count);

        Assert.Empty(await disk.Control.Devices.CleanUpAsync());
        Assert.All(fuse, process => Assert.True(process.IsAlive, "what a living process has is left alone"));
        Assert.NotNull(MountTable.Read().At(disk.Origin));

        await holder.KillAsync();
        Assert.NotNull(MountTable.Read().At(disk.Origin));
        Assert.NotNull(MountTable.Read().At(disk["made/by/us"]));

        Assert.Empty(await disk.Control.Devices.CleanUpAsync());
        disk.AssertNothingIsLeft();
        Assert.All(fuse, process => Assert.False(process.IsAlive, "nbdfuse has ended"));
        Assert.Empty(Registered(disk));
        Assert.False(Directory.Exists(disk["made/by/us"]), "a folder that was made to mount on goes again");

        // The disk is free again, and what was on it at the last sync is there.
        await disk.AttachAsync("held", disk["disk.img"], disk["held.log"]);
        await disk.MountOriginAsync("held", disk.Origin);
    }

    [Fact]
    public async Task A_process_that_was_killed_in_the_middle_of_writing_to_what_it_serves_can_end()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.Control.Devices.RemoveAsync(Disk.Name);
        await using var holder = await Holder.StartAsync("writes", disk.Folder);
        var process = holder.Identity;
        holder.BeginKill();
        while (process.IsAlive)
            await Task.Delay(10, TestContext.Current.CancellationToken);

        Assert.Empty(await disk.Control.Devices.CleanUpAsync());
        disk.AssertNothingIsLeft();
        await holder.KillAsync();
    }

    [Fact]
    public async Task What_was_registered_before_it_was_made_is_forgotten()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.MountOriginAsync();
        var record = Registered(disk).Single();
        await disk.Control.Devices.DisconnectAsync(Disk.Name, force: true);

        record["id"] = Guid.NewGuid();
        record["owner"]!["startTime"] = 1;
        record["fuseFolder"] = disk["run/fuse/never"];
        record["madeMountPoint"] = disk["never"];
        record.Remove("fuseProcess");
        record.Remove("blockDevice");
        await File.WriteAllTextAsync(disk["run/attachments/left.json"], "{ half a rec");
        await File.WriteAllTextAsync(disk[$"run/attachments/{record["id"]!.GetValue<Guid>():N}.json"], record.ToJsonString());

        Assert.Empty(await disk.Control.Devices.CleanUpAsync());
        Assert.Equal([disk["run/attachments/left.json"]], Directory.GetFiles(disk["run/attachments"]));
    }

    [Fact]
    public async Task The_end_of_the_control_takes_away_all_that_is_attached_and_mounted_also_under_its_users()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.MountOriginAsync();
        await File.WriteAllTextAsync(Path.Combine(disk.Origin, "file"), "dirty");
        await disk.StartAsync("s");
        var mount = await disk.MountAsync("s");
        await using var user = File.OpenRead(Path.Combine(mount.Path, "file"));
        await using var writer = File.OpenWrite(Path.Combine(disk.Origin, "open"));
        await writer.WriteAsync("dirty too"u8.ToArray(), TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);

        await disk.Control.DisposeAsync();
        Assert.Null(MountTable.Read().At(disk.Origin));
        Assert.Null(MountTable.Read().At(mount.Path));
        await writer.DisposeAsync();
        await user.DisposeAsync();
        disk.AssertNothingIsLeft();

        // What was written before is on the source.
        (await ExternalTool.Require("debugfs").RunAsync("-R", "dump open " + disk["open"], disk["disk.img"])).Succeeded();
        Assert.Equal("dirty too", await File.ReadAllTextAsync(disk["open"]));
    }

    [Fact]
    public async Task A_device_does_not_go_while_something_of_it_is_mounted_or_attached_unless_it_must()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.MountOriginAsync();
        await disk.StartAsync("s");
        var mount = await disk.MountAsync("s");

        await AssertRefusedAsync(KernelError.StillMounted, () => disk.Control.Devices.ReleaseAsync(Disk.Name));
        await disk.Control.Mounts.DismountAsync(mount.Path);
        await AssertRefusedAsync(KernelError.StillAttached, () => disk.Control.Devices.RemoveAsync(Disk.Name));
        await AssertRefusedAsync(KernelError.StillMounted, () => disk.Control.Devices.DisconnectAsync(Disk.Name));
        await AssertRefusedAsync(KernelError.AlreadyAttached, () => disk.Control.Devices.ConnectAsync(Disk.Name));
        (await ExternalTool.Require("umount").RunAsync(disk.Origin)).Succeeded();
        await disk.Control.Devices.DisconnectAsync(Disk.Name);
        await AssertRefusedAsync(KernelError.NotAttached, () => disk.Control.Devices.DisconnectAsync(Disk.Name));

        await disk.MountOriginAsync();
        await disk.MountAsync("s");
        await disk.Control.Devices.RemoveAsync(Disk.Name, force: true);
        disk.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_snapshot_that_ends_is_unmounted()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.StartAsync("s");
        var mount = await disk.MountAsync("s");
        await disk.Control.Snapshots.EndAsync(Disk.Name, "s");
        Assert.Empty(disk.Control.Mounts.List());
        await AssertRefusedAsync(KernelError.NotMounted, () => disk.Control.Mounts.DismountAsync(mount.Path));
        disk.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_path_that_cannot_be_mounted_on_is_refused_before_anything_is_attached()
    {
        await using var disk = await Disk.MakeAsync("ext4");
        await disk.StartAsync("s");
        await disk.MountAsync("s");
        await AssertRefusedAsync(KernelError.MountPointInUse, () => disk.MountAsync("s"));
        await AssertRefusedAsync(KernelError.MountPointInUse, () => disk.MountAsync("s", disk["disk.img"]));
        Assert.Single(Registered(disk));
    }

    private static async Task AssertRefusedAsync(KernelError reason, Func<Task> action) =>
        Assert.Equal(reason, (await Assert.ThrowsAsync<KernelException>(action)).Reason);

    private static IReadOnlyList<JsonObject> Registered(Disk disk) => Directory.Exists(disk["run/attachments"])
        ? [.. Directory.GetFiles(disk["run/attachments"]).Select(path => JsonNode.Parse(File.ReadAllText(path))!.AsObject())]
        : [];
}
