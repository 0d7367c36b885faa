using SnapBackup.Blocks;

namespace SnapBackup.Engine;

/// <summary>
/// The files and devices of a snap device, opened for exclusive use. Everything is refused before a log is created, and
/// a log created for a set-up that then fails is deleted again.
/// </summary>
internal sealed class DeviceStorage
{
    private readonly List<LogFile> _logs = [];

    private DeviceStorage(IBlockDevice source) => Source = source;

    public IBlockDevice Source { get; }

    public IReadOnlyList<LogDevice> Logs => [.. _logs.Select(log => log.Device)];

    public static async Task<DeviceStorage> OpenAsync(SnapDeviceOptions options)
    {
        RefuseSharedStorage(options);
        var storage = new DeviceStorage(FileBlockDevice.Open(options.Source));
        try
        {
            foreach (var log in options.Logs)
                storage._logs.Add(await LogFile.OpenAsync(log).ConfigureAwait(false));
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
        foreach (var log in _logs)
            await log.AbandonAsync().ConfigureAwait(false);
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
}
