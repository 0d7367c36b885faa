using SnapBackup.Archive.Linux;

namespace SnapBackup.Archive.Stores;

/// <summary>
/// An archive that is being written: <c>name.img.zst.partial</c>, locked (flock) as long as its writer lives, until
/// <see cref="Publish"/> gives it its name. Disposed without that it is deleted.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _finalPath;
    private readonly FileStream _stream;
    private bool _published;

    public PartialFile(string finalPath)
    {
        _finalPath = finalPath;
        _stream = new FileStream(Path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            // Unbuffered: a write that failed must not be tried again by the dispose.
            BufferSize = 0,
            // An archive holds all that the disk held: its owner's alone.
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    public string Path => _finalPath + ArchiveFileName.PartialMark;

    public Stream Stream => _stream;

    /// <summary>Makes what was written durable.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <summary>Gives the file its name, durably. What it holds was flushed before, so whoever sees the name sees a whole archive.</summary>
    public void Publish()
    {
        File.Move(Path, _finalPath);
        _published = true;
        Folder.Flush(System.IO.Path.GetDirectoryName(_finalPath)!);
    }

    public void Dispose()
    {
        if (!_published)
            File.Delete(Path);
        _stream.Dispose();
    }

    /// <summary>Deletes a partial file whose writer is gone.</summary>
    /// <returns>Whether it was deleted; not when its writer lives, or has just given it its name.</returns>
    public static bool TryRemoveAbandoned(string path)
    {
        const int EWOULDBLOCK = 11;
        try
        {
            // Deleted under its lock. A writer that has created its file and not locked it yet loses it here, then fails to
            // lock or to publish it, and says so: nothing is ever half published.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            File.Delete(path);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException error) when (error.HResult == EWOULDBLOCK)
        {
            return false;
        }
    }
}
