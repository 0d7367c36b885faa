using SnapBackup.Blocks;
using SnapBackup.Engine.Opening;

namespace SnapBackup.Engine;

/// <summary>
/// The files and devices of a snap device, opened for exclusive use. Logs that are not there are created when that is asked for: everything is refused
/// before, and a log created for a set-up that then fails is deleted again.
/// </summary>
internal sealed class DeviceStorage
{
    private readonly List<LogFile> _logs = [];

    private DeviceStorage(IBlockDevice source) => Source = source;

    public IBlockDevice Source { get; }

    /// <summary>The logs that are there.</summary>
    public IReadOnlyList<LogDevice> Logs => [.. _logs.Where(log => log.IsThere).Select(log => log.Device)];

    /// <summary>The paths of the logs that are not there yet.</summary>
    public IReadOnlyList<string> MissingLogs => [.. _logs.Where(log => !log.IsThere).Select(log => log.Path)];

    public static async Task<DeviceStorage> OpenAsync(SnapDeviceOptions options)
    {
        RefuseSharedStorage(options);
        var storage = new DeviceStorage(FileBlockDevice.Open(options.Source));
        try
        {
            foreach (var log in options.Logs)
                storage._logs.Add(await LogFile.FindAsync(log).ConfigureAwait(false));
            return storage;
        }
        catch
        {
            await storage.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether the logs keep snapshots or bookmarks, none of which are to be discarded, so that the device is to be opened again.</summary>
    public async Task<bool> KeepsSomethingAsync(CancellationToken cancellationToken) =>
        !Logs.Any(log => log.MayDiscard) && await LogFormatting.AnyKeepsSomethingAsync(Logs, cancellationToken).ConfigureAwait(false);

    /// <summary>Creates the logs that are not there.</summary>
    /// <exception cref="SnapBackupException">One cannot be created.</exception>
    public void CreateMissingLogs() => _logs.ForEach(log => log.CreateIfMissing());

    /// <summary>Refuses to open a device again without all its logs.</summary>
    /// <exception cref="EngineException"><see cref="EngineError.LogMissing"/>.</exception>
    public void ThrowIfLogIsMissing()
    {
        if (MissingLogs is [var missing, ..])
        {
            throw new EngineException(
                EngineError.LogMissing,
                $"{missing}: this log is not there, and is not created, because the others are those of a device that keeps snapshots or bookmarks: "
                + $"{string.Join(", ", Logs.Select(log => log.Name))}. Give the paths of all its logs. If one is lost, so are the snapshots: set the device up anew and let "
                + "the content of the others be discarded.");
        }
    }

    /// <summary>Closes everything and deletes the logs that were created.</summary>
    public async ValueTask AbandonAsync()
    {
        foreach (var log in _logs)
            await log.AbandonAsync().ConfigureAwait(false);
        await Source.DisposeAsync().ConfigureAwait(false);
    }

    private static string WhyShared(string path, string other) =>
        path.Equals(other, StringComparison.Ordinal) ? "it is named twice" : $"it is the same storage as {other}";

    private static void RefuseSharedStorage(SnapDeviceOptions options)
    {
        var seen = new Dictionary<FileIdentity, string>();
        foreach (var path in options.Logs.Select(log => log.Path).Prepend(options.Source))
        {
            if (FileIdentity.Of(path) is { } identity && !seen.TryAdd(identity, path))
            {
                throw new EngineException(
                    EngineError.LogSharesStorage,
                    $"{path}: {WhyShared(path, seen[identity])}. The source and every log must be different files or devices.");
            }
        }
    }
}
