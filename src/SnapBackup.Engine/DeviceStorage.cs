using SnapBackup.Blocks;

namespace SnapBackup.Engine;

/// <summary>
/// The files and devices of a snap device, opened for exclusive use. Everything is refused before a log is created, and
/// a log created for a set-up that then fails is deleted again.
/// </summary>
internal sealed class DeviceStorage : IAsyncDisposable
{
    private readonly List<string> _created = [];
    private readonly List<IBlockDevice> _logs = [];

    private DeviceStorage(IBlockDevice source) => Source = source;

    public IBlockDevice Source { get; }

    public IReadOnlyList<IBlockDevice> Logs => _logs;

    public static async Task<DeviceStorage> OpenAsync(SnapDeviceOptions options)
    {
        RefuseSharedStorage(options);
        var storage = new DeviceStorage(FileBlockDevice.Open(options.Source));
        try
        {
            foreach (var log in options.Logs)
                storage._logs.Add(await storage.OpenLogAsync(log).ConfigureAwait(false));
            return storage;
        }
        catch
        {
            await storage.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes everything and deletes the logs that were created.</summary>
    public async ValueTask AbandonAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        foreach (var path in _created)
            File.Delete(path);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
            await log.DisposeAsync().ConfigureAwait(false);
        await Source.DisposeAsync().ConfigureAwait(false);
    }

    private static void RefuseSharedStorage(SnapDeviceOptions options)
    {
        var seen = new Dictionary<FileIdentity, string>();
        foreach (var path in options.Logs.Select(log => log.Path).Prepend(options.Source))
        {
            if (FileIdentity.Of(path) is { } identity && !seen.TryAdd(identity, path))
            {
                throw new EngineException(
                    EngineError.LogSharesStorage,
                    $"{path}: it is the same storage as {seen[identity]}. The source and every log must be different files or devices.");
            }
        }
    }

    private async Task<FileBlockDevice> OpenLogAsync(LogOptions log)
    {
        if (FileIdentity.Of(log.Path) is not null)
            return await OpenExistingAsync(log).ConfigureAwait(false);
        if (log.Size is not { } size)
        {
            throw new EngineException(
                EngineError.LogNotFound, $"{log.Path}: the log does not exist. Name an existing file or device, or give the size to create it with.");
        }

        if (size < 0)
            throw new EngineException(EngineError.LogTooSmall, $"{log.Path}: {size} bytes are no size for a log.");
        var device = FileBlockDevice.Create(log.Path, size, allocate: true);
        _created.Add(log.Path);
        return device;
    }

    private static async Task<FileBlockDevice> OpenExistingAsync(LogOptions log)
    {
        var device = OpenWritable(log.Path);
        if (log.Size is not { } wanted || device.Identity.IsBlockDevice || device.Size == wanted)
            return device;
        await device.DisposeAsync().ConfigureAwait(false);
        throw new EngineException(
            EngineError.LogSizeMismatch,
            $"{log.Path}: the log exists with {new ByteSize(device.Size)} and should have {new ByteSize(wanted)}. "
            + "Give the size that it has, or delete it so that it is created anew.");
    }

    private static FileBlockDevice OpenWritable(string path)
    {
        try
        {
            return FileBlockDevice.Open(path);
        }
        catch (BlockDeviceException failure) when (failure.Reason == BlockDeviceError.ReadOnly)
        {
            throw new EngineException(
                EngineError.LogReadOnly, $"{path}: a log must be writable. {failure.Message}", failure);
        }
    }
}
