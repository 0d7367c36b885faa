using SnapBackup.Blocks;

namespace SnapBackup.Control.Scheduling;

/// <summary>
/// Notices that a folder may have changed. The kernel's notices can overflow, and end when the folder is replaced; so
/// <see cref="Renew"/> is called with every reading.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="onChange">Called for each change, on a thread of the pool.</param>
internal sealed class FolderWatch(string path, Action onChange) : IDisposable
{
    private FileSystemWatcher? _watcher;
    private FileIdentity? _watched;

    /// <summary>Watches what stands at the path now, if that is not done yet.</summary>
    /// <exception cref="IOException">The kernel has no watch left, or the folder is gone.</exception>
    public void Renew()
    {
        var present = FileIdentity.Of(path);
        if (_watcher is not null && present == _watched)
            return;
        Dispose();
        var watcher = new FileSystemWatcher(path)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Attributes,
        };
        watcher.Created += (_, _) => onChange();
        watcher.Changed += (_, _) => onChange();
        watcher.Deleted += (_, _) => onChange();
        watcher.Renamed += (_, _) => onChange();
        watcher.Error += (_, _) => onChange();
        _watcher = watcher;
        watcher.EnableRaisingEvents = true;
        _watched = present;
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _watcher = null;
        _watched = null;
    }
}
