using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening;

/// <summary>Adds a log to a device that is in use. The device sees to it that one operation runs at a time.</summary>
/// <remarks>
/// Order: the new log is formatted, durably; then the catalogs of the others count it; then its own does; then it is used. So a log that its
/// own catalog does not count holds nothing. After a crash the device opens with the old logs, if none of them counts the new one,
/// and with all of them in any case (<see cref="LogSetCheck"/>): an id in the catalogs tells the log that was counted from one that
/// was to be added in vain before.
/// </remarks>
internal sealed class LogAddition(DeviceCore core)
{
    /// <summary>Adds a file or block device, which is opened or created.</summary>
    /// <param name="options">What to open, and on what terms.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">It cannot be used; the device goes on without it, and no file is left that was created.</exception>
    public async Task AddAsync(LogOptions options, CancellationToken cancellationToken)
    {
        var identity = FileIdentity.Of(options.Path);
        var others = core.Logs.Logs.Select(log => log.Device).Prepend(core.Source).OfType<FileBlockDevice>();
        if (others.FirstOrDefault(other => other.Identity == identity) is { } other)
        {
            throw new EngineException(
                EngineError.LogSharesStorage, $"{options.Path}: it is the same storage as {other.Name}. The source and every log must be different files or devices.");
        }

        var file = await LogFile.OpenAsync(options).ConfigureAwait(false);
        try
        {
            await AddAsync(file.Device, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await file.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Adds a device that is open already.</summary>
    /// <param name="log">The log; owned by the device on success.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">It cannot be used; the device goes on without it.</exception>
    public async Task AddAsync(LogDevice log, CancellationToken cancellationToken)
    {
        SettingsCheck.ThrowIfNoLogCount(core.Name, core.Logs.Logs.Count + 1);
        SettingsCheck.ThrowIfShared(core.Source, [.. core.Logs.Logs.Select(other => other.Device), log.Device]);
        var front = await LogFormatting.InspectAsync(log, core.BlockSize, cancellationToken).ConfigureAwait(false);
        if (front.Superblock is { IsCurrent: true } superblock && superblock.SetId == core.Logs.Shape.SetId && front.IsCounted)
        {
            // What an old copy holds would be taken for the device's own when it is opened again.
            throw new EngineException(
                EngineError.LogSharesStorage,
                $"{log.Name}: it is a copy of log number {superblock.LogNumber} of this device. Name another file or device, or overwrite its beginning.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        await JoinAsync(log).ConfigureAwait(false);
        core.Compactor.Begin();
    }

    /// <summary>Adds a log that was inspected, or was to be added before and holds nothing.</summary>
    public async Task JoinAsync(LogDevice log)
    {
        await core.Logs.Appending.WaitAsync().ConfigureAwait(false);
        var number = core.Logs.Logs.Count;
        try
        {
            await JoinAsync(log, number).ConfigureAwait(false);
        }
        catch
        {
            // It may be counted on some logs already.
            await core.Catalogs.UpdateAsync(catalog => catalog with { LogCount = number }).ConfigureAwait(false);
            throw;
        }
        finally
        {
            core.Logs.Appending.Release();
        }
    }

    private async Task JoinAsync(LogDevice log, int number)
    {
        var blank = core.Catalogs.Current with { Points = [], LastUsed = SegmentLink.None, LastAdded = Guid.NewGuid() };
        var volume = await LogFormatting.FormatAsync(log, core.Logs.Shape, number, blank).ConfigureAwait(false);
        if (!await core.Catalogs.UpdateAsync(catalog => catalog with { LogCount = number + 1, LastAdded = blank.LastAdded }).ConfigureAwait(false))
        {
            throw new EngineException(
                EngineError.LogFailed,
                $"{core.Name}: {log.Name} cannot be added, because no other log works that could take note of it: {core.Logs.WhyNoRoom().Cause}. Set the device up anew.");
        }

        var counted = core.Catalogs.Current with { LastUsed = volume.LastUsed };
        await volume.WriteFirstCatalogAsync(counted.ToBytes(), counted.Generation).ConfigureAwait(false);
        core.Logs.Add(volume);
    }
}
