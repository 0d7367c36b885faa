using System.Diagnostics;

namespace SnapBackup.Control.Tests;

/// <summary>An NBD export as a mounted file system: nbdfuse makes a file of it, losetup a block device, mount the rest.</summary>
internal sealed class OriginMount : IAsyncDisposable
{
    private readonly Stack<Func<Task>> _undo = new();

    private OriginMount(string path) => Path = path;

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    public static async Task<OriginMount> MountAsync(string uri, TempFolder folder)
    {
        var mount = new OriginMount(folder["mnt"]);
        try
        {
            Directory.CreateDirectory(folder["fuse"]);
            Directory.CreateDirectory(mount.Path);
            var image = await mount.StartFuseAsync(uri, folder["fuse"]);
            var losetup = ExternalTool.Require("losetup");
            var loop = (await losetup.RunAsync("--find", "--show", image)).Succeeded().Output.Trim();
            mount._undo.Push(async () => (await losetup.RunAsync("--detach", loop)).Succeeded());
            (await ExternalTool.Require("mount").RunAsync(loop, mount.Path)).Succeeded();
            mount._undo.Push(async () => (await ExternalTool.Require("umount").RunAsync(mount.Path)).Succeeded());
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // One step that fails must not keep the others from being undone.
        var failures = new List<Exception>();
        while (_undo.TryPop(out var undo))
        {
            if (await Record.ExceptionAsync(undo) is { } failure)
                failures.Add(failure);
        }

        if (failures.Count > 0)
            throw new AggregateException(failures);
    }

    private async Task<string> StartFuseAsync(string uri, string folder)
    {
        var image = System.IO.Path.Combine(folder, "nbd");
        var nbdfuse = ExternalTool.Require("nbdfuse").Start(folder, uri);
        _undo.Push(() => StopFuseAsync(nbdfuse, folder));
        while (!File.Exists(image))
        {
            Assert.False(nbdfuse.HasExited, "nbdfuse ended before its file appeared");
            await Task.Delay(20);
        }

        return image;
    }

    private static async Task StopFuseAsync(Process nbdfuse, string folder)
    {
        using (nbdfuse)
        {
            if (!nbdfuse.HasExited && (await ExternalTool.Require("umount").RunAsync(folder)).ExitCode != 0)
                nbdfuse.Kill();
            await nbdfuse.WaitForExitAsync();
        }
    }
}
