using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Opening;

/// <summary>Sets a device up from a source and blank logs. What cannot be used is refused before anything is changed.</summary>
internal static class DeviceSetUp
{
    /// <param name="name">The device's name.</param>
    /// <param name="source">What to protect; owned by the device on success.</param>
    /// <param name="logs">The logs; owned likewise.</param>
    /// <param name="settings">How to preserve.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">Something given cannot be used.</exception>
    public static async Task<DeviceCore> SetUpAsync(
        string name,
        IBlockDevice source,
        IReadOnlyList<LogDevice> logs,
        DeviceSettings settings,
        CancellationToken cancellationToken)
    {
        SettingsCheck.ThrowIfInvalid(name, settings, logs.Count);
        SettingsCheck.ThrowIfShared(source, logs.Select(log => log.Device));
        SettingsCheck.ThrowIfUnusable(source);
        foreach (var log in logs)
            await LogFormatting.InspectAsync(log, settings.BlockSize, cancellationToken).ConfigureAwait(false);

        var shape = new LogSetShape(
            Guid.NewGuid(), settings.BlockSize, settings.EffectiveGranularity, source.Size, settings.Durability == LogDurability.Volatile);
        var catalog = new Catalog
        {
            SetId = shape.SetId,
            Generation = Catalog.FirstGeneration,
            LogCount = logs.Count,
            IsVolatile = shape.IsVolatile,
            IsAttached = true,
            Stamp = await DeviceReopening.StampAsync(source, cancellationToken).ConfigureAwait(false),
        };

        // From the first log that is formatted on there is no turning back.
        cancellationToken.ThrowIfCancellationRequested();
        var volumes = new List<LogVolume>(logs.Count);
        for (var i = 0; i < logs.Count; i++)
            volumes.Add(await LogFormatting.FormatAsync(logs[i], shape, i, catalog).ConfigureAwait(false));
        var logSet = new LogSet(shape, volumes, settings.Allocation);
        return new DeviceCore(name, source, logSet, catalog, [NewEpoch(shape, catalog.Epoch)], settings);
    }

    /// <summary>An epoch of which nothing is known yet.</summary>
    public static Epoch NewEpoch(LogSetShape shape, long number) =>
        new(number, new ChangeMap(shape.RegionCount, shape.BlockSize), new EpochIndex());
}
