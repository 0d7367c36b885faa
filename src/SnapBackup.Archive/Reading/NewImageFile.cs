using SnapBackup.Archive.Linux;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Reading;

/// <summary>
/// A file that is being restored: <c>path.snapbackup-partial</c> until <see cref="Publish"/> gives it its name. Disposed without that
/// it is deleted; left behind by a crash it is replaced by the next restore to the same path, unless one is still at it.
/// </summary>
internal sealed class NewImageFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly FileBlockDevice _device;
    private bool _published;

    private NewImageFile(string path, FileBlockDevice device)
    {
        _path = path;
        _device = device;
    }

    public IBlockDevice Device => _device;

    private string PartialPath => PartialPathOf(_path);

    public static async Task<NewImageFile> CreateAsync(string path, long size)
    {
        var partial = PartialPathOf(path);
        if (File.Exists(partial))
            await RemoveLeftoverAsync(partial).ConfigureAwait(false);
        return new NewImageFile(path, FileBlockDevice.Create(partial, size));
    }

    /// <summary>Gives the file its name, durably. What it holds was flushed before.</summary>
    public void Publish()
    {
        try
        {
            File.Move(PartialPath, _path);
            _published = true;
            Folder.Flush(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        }
        catch (IOException error) when (!_published && File.Exists(_path))
        {
            throw new ArchiveException(
                ArchiveError.TargetRefused, $"{_path}: someone made a file of this name during the restore. Choose another path.", error);
        }
        catch (Exception error) when (StoreFailure.Explains(error))
        {
            throw StoreFailure.From(error, _path, "giving the restored file its name");
        }
    }

    public ValueTask DisposeAsync()
    {
        // Deleted while it is still locked: no one else can have begun with a file of this name.
        if (!_published)
            File.Delete(PartialPath);
        return _device.DisposeAsync();
    }

    private static string PartialPathOf(string path) => path + ".snapbackup-partial";

    private static async Task RemoveLeftoverAsync(string partial)
    {
        // The exclusive open is refused while another restore writes it.
        var leftover = FileBlockDevice.Open(partial);
        await using (leftover.ConfigureAwait(false))
            File.Delete(partial);
    }
}
