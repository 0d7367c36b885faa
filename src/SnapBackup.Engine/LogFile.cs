using SnapBackup.Blocks;

namespace SnapBackup.Engine;

/// <summary>The file or block device of a log, opened for exclusive use or created.</summary>
internal sealed class LogFile
{
    private readonly LogOptions _options;
    private readonly FileBlockDevice _device;
    private readonly bool _isNew;

    private LogFile(LogOptions options, FileBlockDevice device, bool isNew)
    {
        _options = options;
        _device = device;
        _isNew = isNew;
    }

    public LogDevice Device => new(_device) { MayDiscard = _options.DiscardContent, GrowTo = _options.GrowTo };

    /// <summary>Opens what is there, or creates the file.</summary>
    /// <exception cref="SnapBackupException">It cannot be used as asked for.</exception>
    public static async Task<LogFile> OpenAsync(LogOptions options)
    {
        if (FileIdentity.Of(options.Path) is not null)
            return new LogFile(options, await OpenExistingAsync(options).ConfigureAwait(false), isNew: false);
        if (options.Size is not { } size)
        {
            throw new EngineException(
                EngineError.LogNotFound, $"{options.Path}: the log does not exist. Name an existing file or device, or give the size to create it with.");
        }

        if (size < 0)
            throw new EngineException(EngineError.LogTooSmall, $"{options.Path}: {size} bytes are no size for a log.");
        return new LogFile(options, FileBlockDevice.Create(options.Path, size, allocate: true), isNew: true);
    }

    /// <summary>Closes it, and deletes it if it was created.</summary>
    public async ValueTask AbandonAsync()
    {
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
