using SnapBackup.Blocks;

namespace SnapBackup.Engine;

/// <summary>The file or block device of a log: opened for exclusive use, or to be created.</summary>
internal sealed class LogFile
{
    private readonly LogOptions _options;
    private FileBlockDevice? _device;
    private bool _isNew;

    private LogFile(LogOptions options, FileBlockDevice? device)
    {
        _options = options;
        _device = device;
    }

    public string Path => _options.Path;

    /// <summary>Whether it is open; else it is to be created.</summary>
    public bool IsThere => _device is not null;

    /// <summary>The log, once it is there.</summary>
    public LogDevice Device => new(_device!) { MayDiscard = _options.DiscardContent, GrowTo = _options.GrowTo };

    /// <summary>Opens what is there, or creates the file.</summary>
    /// <exception cref="SnapBackupException">It cannot be used as asked for.</exception>
    public static async Task<LogFile> OpenAsync(LogOptions options)
    {
        var file = await FindAsync(options).ConfigureAwait(false);
        file.CreateIfMissing();
        return file;
    }

    /// <summary>Opens what is there. Nothing is created yet.</summary>
    /// <exception cref="SnapBackupException">It cannot be used as asked for.</exception>
    public static async Task<LogFile> FindAsync(LogOptions options)
    {
        if (FileIdentity.Of(options.Path) is not null)
            return new LogFile(options, await OpenExistingAsync(options).ConfigureAwait(false));
        if (options.Size is not { } size)
        {
            throw new EngineException(
                EngineError.LogNotFound, $"{options.Path}: the log does not exist. Name an existing file or device, or give the size to create it with.");
        }

        if (size < 0)
            throw new EngineException(EngineError.LogTooSmall, $"{options.Path}: {size} bytes are no size for a log.");
        return new LogFile(options, device: null);
    }

    /// <summary>Creates the file, if it is not there.</summary>
    /// <exception cref="SnapBackupException">It cannot be created.</exception>
    public void CreateIfMissing()
    {
        if (IsThere)
            return;
        _device = FileBlockDevice.Create(_options.Path, _options.Size!.Value, allocate: true);
        _isNew = true;
    }

    /// <summary>Closes it, and deletes it if it was created.</summary>
    public async ValueTask AbandonAsync()
    {
        if (_device is not null)
            await _device.DisposeAsync().ConfigureAwait(false);
        if (_isNew)
            File.Delete(_options.Path);
    }

    private static async Task<FileBlockDevice> OpenExistingAsync(LogOptions options)
    {
        var device = OpenWritable(options.Path);
        if (options.Size is not { } wanted || device.Identity.IsBlockDevice || (device.Size >= wanted && device.Size <= Math.Max(wanted, options.GrowTo ?? 0)))
            return device;
        await device.DisposeAsync().ConfigureAwait(false);
        throw new EngineException(
            EngineError.LogSizeMismatch,
            $"{options.Path}: the log exists with {new ByteSize(device.Size)} and should have {new ByteSize(wanted)}. "
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
