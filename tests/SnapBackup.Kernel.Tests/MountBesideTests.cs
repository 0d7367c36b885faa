using SnapBackup.Control.Mounts;

namespace SnapBackup.Kernel.Tests;

/// <summary>A snapshot's file system mounted while that of its origin is, of which it is a copy to the last bit.</summary>
public sealed class MountBesideTests
{
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task The_files_of_a_frozen_start_are_there_although_none_was_synced(string fileSystem)
    {
        await using var disk = await Disk.MakeAsync(fileSystem);
        await disk.MountOriginAsync();
        await FileTree.WriteAsync(disk.Origin);
        var before = FileTree.Read(disk.Origin);

        var snapshot = await disk.StartAsync("s");
        await FileTree.ChangeAsync(disk.Origin);
        var after = FileTree.Read(disk.Origin);
        var image = await disk.CopyAsync(snapshot);
        var mount = await disk.MountAsync("s");

        Assert.Equal(fileSystem, mount.FileSystem);
        Assert.Equal(before, FileTree.Read(mount.Path));
        Assert.Equal(after, FileTree.Read(disk.Origin));
        Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(mount.Path, "x"), "x"));
        await AssertSameAsync(image, await disk.CopyAsync(snapshot));

        await disk.Control.Mounts.DismountAsync(mount.Path);
        Assert.Empty(disk.Control.Mounts.List());
        Assert.False(Directory.Exists(mount.Path), "a folder that was made to mount on goes again");
        await disk.Control.Devices.DisconnectAsync(Disk.Name, force: true);
        disk.AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task The_journal_of_a_start_without_freezing_is_replayed_in_the_private_copy(string fileSystem)
    {
        await using var disk = await Disk.MakeAsync(fileSystem);
        await disk.MountOriginAsync();
        await FileTree.WriteAsync(disk.Origin);
        (await ExternalTool.Require("sync").RunAsync("--file-system", disk.Origin)).Succeeded();
        await using (var file = File.Create(Path.Combine(disk.Origin, "only in the journal")))
        {
            await file.WriteAsync(new byte[10_000], TestContext.Current.CancellationToken);
            file.Flush(flushToDisk: true);
        }

        var before = FileTree.Read(disk.Origin);
        var snapshot = await disk.StartAsync("s", FreezeOptions.None);
        await FileTree.ChangeAsync(disk.Origin);
        var image = await disk.CopyAsync(snapshot);

        var mount = await disk.MountAsync("s");

        Assert.Equal(before, FileTree.Read(mount.Path));
        await AssertSameAsync(image, await disk.CopyAsync(snapshot));
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task Two_snapshots_are_mounted_at_once_and_what_is_written_to_one_is_seen_nowhere_else(string fileSystem)
    {
        await using var disk = await Disk.MakeAsync(fileSystem);
        await disk.MountOriginAsync();
        await File.WriteAllTextAsync(Path.Combine(disk.Origin, "file"), "first");
        await disk.StartAsync("first");
        await File.WriteAllTextAsync(Path.Combine(disk.Origin, "file"), "second");
        await disk.StartAsync("second");

        var writable = await disk.MountAsync("first", isWritable: true);
        var again = await disk.MountAsync("first", disk["again"]);
        var second = await disk.MountAsync("second");
        await File.WriteAllTextAsync(Path.Combine(writable.Path, "file"), "mine");

        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(writable.Path, "file")));
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(again.Path, "file")));
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(second.Path, "file")));
        Assert.Equal([writable.Path, again.Path], disk.Control.Snapshots.Get(Disk.Name, "first").MountPoints);

        await disk.Control.Mounts.DismountAsync(writable.Path);
        await disk.MountAsync("first");
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(writable.Path, "file")));
    }

    [Theory]
    [InlineData("xxhash")]
    [InlineData("sha256")]
    public async Task A_btrfs_with_other_checksums_gets_an_identity_of_its_own_too(string checksum)
    {
        await using var disk = await Disk.MakeAsync("btrfs", "--csum", checksum);
        await disk.MountOriginAsync();
        await FileTree.WriteAsync(disk.Origin);
        await disk.StartAsync("s");
        Assert.Equal(FileTree.Read(disk.Origin), FileTree.Read((await disk.MountAsync("s")).Path));
    }

    [Fact]
    public async Task A_btrfs_with_checksums_that_are_not_known_is_refused()
    {
        await using var disk = await Disk.MakeAsync("btrfs", "--csum", "blake2");
        await disk.StartAsync("s");
        var refusal = await Assert.ThrowsAsync<KernelException>(() => disk.MountAsync("s"));
        Assert.Equal(KernelError.MountFailed, refusal.Reason);
        Assert.Contains("checksums", refusal.Message, StringComparison.Ordinal);
        disk.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_partition_is_mounted_by_its_number()
    {
        ExternalTool.Require("sfdisk");
        await using var disk = await Disk.MakeAsync("ext4");
        var path = disk["partitioned.img"];
        await using (var file = File.Create(path))
            file.SetLength(40 << 20);
        (await ExternalTool.Require("sh").RunAsync("-c", $"printf 'label: gpt\\nsize=4M\\nsize=32M\\n' | sfdisk -q {path}")).Succeeded();
        await using (var whole = File.OpenWrite(path))
        await using (var part = File.OpenRead(disk["disk.img"]))
        {
            whole.Seek(5 << 20, SeekOrigin.Begin);
            await part.CopyToAsync(whole, TestContext.Current.CancellationToken);
        }

        await disk.AttachAsync("parts", path, disk["parts.log"]);
        await disk.Control.Snapshots.StartAsync("parts", "s");

        var mount = await MountAsync(2);
        Assert.Equal("ext4", mount.FileSystem);
        Assert.EndsWith("p2", mount.BlockDevice, StringComparison.Ordinal);
        await disk.Control.Mounts.DismountAsync(mount.Path);
        Assert.Equal(KernelError.PartitionNotNamed, (await Assert.ThrowsAsync<KernelException>(() => MountAsync(null))).Reason);
        Assert.Equal(KernelError.PartitionNotFound, (await Assert.ThrowsAsync<KernelException>(() => MountAsync(7))).Reason);
        Assert.Equal(KernelError.NoFileSystem, (await Assert.ThrowsAsync<KernelException>(() => MountAsync(1))).Reason);
        disk.AssertNothingIsLeft();

        Task<SnapshotMountInfo> MountAsync(int? partition) => disk.Control.Mounts.MountAsync(
            "parts", "s", new Mounting.MountOptions { Path = disk["part"], Partition = partition });
    }

    private static async Task AssertSameAsync(string expected, string actual) =>
        (await ExternalTool.Require("cmp").RunAsync(expected, actual)).Succeeded();
}
