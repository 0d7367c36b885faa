namespace SnapBackup.Archive.Tests;

/// <summary>A file system that is soon full: a mounted tmpfs, gone with the test. Needs root.</summary>
internal sealed class SmallFileSystem : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private SmallFileSystem()
    {
    }

    public string Path => _folder.Path;

    public string this[string name] => _folder[name];

    public static async Task<SmallFileSystem> MountAsync(int kibibytes)
    {
        ExternalTool.RequireRoot();
        var mount = ExternalTool.Require("mount");
        var mounted = new SmallFileSystem();
        try
        {
            (await mount.RunAsync("-t", "tmpfs", "-o", $"size={kibibytes}k", "snapbackup-test", mounted.Path)).Succeeded();
            return mounted;
        }
        catch
        {
            mounted._folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        (await ExternalTool.Require("umount").RunAsync(Path)).Succeeded();
        _folder.Dispose();
    }
}
