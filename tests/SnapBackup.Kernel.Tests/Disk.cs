using SnapBackup.Control;
using SnapBackup.Control.Devices;
using SnapBackup.Control.Mounts;
using SnapBackup.Engine;
using SnapBackup.Kernel.Attaching;
using SnapBackup.Kernel.Linux;
using SnapBackup.Kernel.Mounting;

namespace SnapBackup.Kernel.Tests;

/// <summary>
/// A snap device over a new file system, whose origin can be attached and mounted. In the end all that was mounted or attached must be gone, and
/// what a failed test has left is taken away.
/// </summary>
internal sealed class Disk : IAsyncDisposable
{
    public const string Name = "disk";

    private readonly TempFolder _folder = new();

    private Disk()
    {
        Registry = new AttachmentRegistry(_folder["run"]);
        Control = new SnapBackupControl(new StateFolder(_folder["state"]), _folder["nbd.sock"], TimeProvider.System, attachments: Registry);
    }

    public SnapBackupControl Control { get; }

    public AttachmentRegistry Registry { get; }

    /// <summary>Where the origin is mounted.</summary>
    public string Origin => _folder["origin"];

    public string Folder => _folder.Path;

    /// <summary>The path of something in the disk's folder.</summary>
    public string this[string name] => _folder[name];

    public static async Task<Disk> MakeAsync(string fileSystem, params string[] options)
    {
        ExternalTool.RequireRoot();
        foreach (var tool in new[] { "nbdfuse", "losetup", "mount", "umount", $"mkfs.{fileSystem}" })
            ExternalTool.Require(tool);
        var disk = new Disk();
        try
        {
            await FileSystemImage.MakeAsync(fileSystem, disk["disk.img"], options);
            await disk.AttachAsync(Name, disk["disk.img"], disk["disk.log"]);
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    public Task<SnapDeviceInfo> AttachAsync(string name, string source, string log) => Control.Devices.AttachAsync(
        new SnapDeviceOptions { Name = name, Source = source, Logs = [new LogOptions { Path = log, Size = 48 << 20 }] });

    /// <summary>Attaches the origin and mounts it.</summary>
    public Task MountOriginAsync() => MountOriginAsync(Name, Origin);

    public async Task MountOriginAsync(string device, string path)
    {
        Directory.CreateDirectory(path);
        var attached = await Control.Devices.ConnectAsync(device);
        (await ExternalTool.Require("mount").RunAsync(attached.BlockDevice!, path)).Succeeded();
    }

    public Task<SnapshotInfo> StartAsync(string snapshot, FreezeOptions? freeze = null) => Control.Snapshots.StartAsync(Name, snapshot, freeze);

    public Task<SnapshotMountInfo> MountAsync(string snapshot, string? path = null, bool isWritable = false, int? partition = null) => Control.Mounts.MountAsync(
        Name, snapshot, new MountOptions { Path = path ?? _folder[snapshot], IsWritable = isWritable, Partition = partition });

    /// <summary>What a snapshot holds, byte for byte.</summary>
    public async Task<string> CopyAsync(SnapshotInfo snapshot)
    {
        var path = _folder[$"{Guid.NewGuid():N}.img"];
        (await ExternalTool.Require("nbdcopy").RunAsync(snapshot.Uri!, path)).Succeeded();
        return path;
    }

    /// <summary>Fails when anything of this disk is mounted or attached.</summary>
    public void AssertNothingIsLeft() => Assert.Empty(Left());

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Control.DisposeAsync();
        }
        finally
        {
            var left = Left();
            foreach (var line in left.Reverse())
                await ExternalTool.Require(line.Split(' ')[0]).RunAsync(line.Split(' ')[1..]);
            _folder.Dispose();
            Assert.Empty(left);
        }
    }

    /// <summary>What would undo what is left, in the order in which it was done.</summary>
    private IReadOnlyList<string> Left() =>
    [
        .. Directory.EnumerateFileSystemEntries("/sys/block", "loop*")
            .Select(path => new BlockNode(Path.GetFileName(path)))
            .Where(node => node.LoopFile?.StartsWith(_folder.Path, StringComparison.Ordinal) == true)
            .Select(node => $"losetup --detach {node.Path}"),
        .. File.ReadLines("/proc/self/mountinfo").Select(MountEntry.Parse)
            .Where(mount => mount.Path.StartsWith(_folder.Path, StringComparison.Ordinal))
            .Select(mount => $"umount --lazy {mount.Path}"),
    ];
}
