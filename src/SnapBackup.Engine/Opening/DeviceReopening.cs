using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Rollback;

namespace SnapBackup.Engine.Opening;

/// <summary>
/// Opens a device again from its source and the logs it was set up with, after a clean end or a crash.
/// </summary>
/// <remarks>
/// Invariants: what does not belong together is refused before anything changes. A source that may have been written behind our back makes every
/// snapshot broken and every change lost. The catalog says so, and that the source is attached, before anyone can write to it. A rollback
/// that was interrupted is finished first, or the origin stays closed.
/// </remarks>
internal static class DeviceReopening
{
    /// <param name="name">The device's name.</param>
    /// <param name="source">The source; owned by the device on success.</param>
    /// <param name="logs">All its logs, in any order; owned likewise.</param>
    /// <param name="settings">The allocation, and what is done as the logs fill; all else is as it was set up.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <exception cref="SnapBackupException">The logs are not those of a device of this source, or cannot be read.</exception>
    public static async Task<DeviceCore> OpenAsync(
        string name, IBlockDevice source, IReadOnlyList<LogDevice> logs, DeviceSettings settings, CancellationToken cancellationToken)
    {
        SettingsCheck.ThrowIfInvalid(name, settings, logs.Count);
        SettingsCheck.ThrowIfShared(source, logs.Select(log => log.Device));
        SettingsCheck.ThrowIfUnusable(source);
        var fronts = new List<LogFront>();
        foreach (var log in logs)
        {
            LogFormatting.ThrowIfCannotGrow(log);
            fronts.Add(await LogFront.ReadAsync(log.Device, cancellationToken).ConfigureAwait(false));
        }

        var set = LogSetCheck.Verify(name, source, fronts);
        var catalog = await RefuseBeliefAsync(name, set, source, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        var volumes = set.Logs.Select(front => new LogVolume(TermsOf(front), front.Superblock!.Value, set.Shape.IsVolatile)).ToList();
        foreach (var failed in catalog.FailedLogs.Where(number => number < volumes.Count))
            volumes[failed].Fail(FailedBefore(volumes[failed]));
        var logSet = new LogSet(set.Shape, volumes, settings.Allocation);
        // What a dead process wrote may be in the page cache only: it is made durable before it is believed.
        foreach (var volume in volumes.Where(volume => volume.IsSound))
            await TryFlushAsync(volume).ConfigureAwait(false);
        var lastUsed = set.Logs.Select(front => front.Catalog?.LastUsed ?? SegmentLink.None).ToList();
        var recovery = await Recovery.RunAsync(source, logSet, catalog, lastUsed, cancellationToken).ConfigureAwait(false);
        var core = new DeviceCore(name, source, logSet, recovery.Catalog, recovery.Epochs, settings);
        await CatalogStore.CatchUpAsync(set.Catalog, set.Behind.Select(number => volumes[number])).ConfigureAwait(false);
        foreach (var front in set.NeverAdded)
            await new LogAddition(core).JoinAsync(TermsOf(front)).ConfigureAwait(false);
        await AttachAsync(core).ConfigureAwait(false);
        foreach (var segment in recovery.ToClose)
            await logSet.CloseAsync(segment).ConfigureAwait(false);
        await core.Reclaimer.MergeAndReclaimAsync().ConfigureAwait(false);
        await new RollbackOperation(core).ResumeAsync().ConfigureAwait(false);
        core.Compactor.Begin();
        return core;

        LogDevice TermsOf(LogFront front) => logs.First(log => ReferenceEquals(log.Device, front.Device));
    }

    /// <summary>Makes durable that the source may be written from now on, and what opening has found.</summary>
    /// <exception cref="EngineException"><see cref="EngineError.LogFailed"/>.</exception>
    public static async Task AttachAsync(DeviceCore core)
    {
        var stamp = await StampAsync(core.Source, CancellationToken.None).ConfigureAwait(false);
        if (!await core.Catalogs.UpdateAsync(catalog => catalog with { IsAttached = true, Stamp = stamp }).ConfigureAwait(false))
        {
            throw new EngineException(
                EngineError.LogFailed,
                $"{core.Name}: no log takes the note that the source is in use, so the device cannot be used safely. {core.Logs.WhyNoRoom().Cause}.");
        }
    }

    /// <summary>A log that fails here is out of use, and keeps the failure.</summary>
    private static async Task TryFlushAsync(LogVolume log)
    {
        try
        {
            await log.FlushAsync().ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            // The catalog that attaches the device tells the others.
        }
    }

    /// <summary>The source's stamp; unknown if it cannot be stamped.</summary>
    public static ValueTask<DeviceStamp> StampAsync(IBlockDevice source, CancellationToken cancellationToken) =>
        source is IStampedDevice stamped ? stamped.ReadStampAsync(cancellationToken) : ValueTask.FromResult<DeviceStamp>(default);

    /// <summary>Marks broken and lost what cannot be believed whatever stands on the logs.</summary>
    /// <exception cref="EngineException">
    /// <see cref="EngineError.SourceMismatch"/>: it is another source, and there are snapshots to be lost by that mistake.
    /// </exception>
    private static async Task<Catalog> RefuseBeliefAsync(string name, LogSetCheck set, IBlockDevice source, CancellationToken cancellationToken)
    {
        var catalog = set.Catalog;
        if (catalog.IsVolatile)
            return Disbelieve(catalog, BreakReason.Volatile);
        if (set.HasStaleLog)
            return Disbelieve(catalog, BreakReason.LogDamaged);
        var stamp = await StampAsync(source, cancellationToken).ConfigureAwait(false);
        var kept = catalog.Stamp;
        var isAnother = stamp.Identity != kept.Identity && stamp.Identity != 0 && kept.Identity != 0;
        if (isAnother && catalog.Points.Any(point => point.IsLive))
        {
            throw new EngineException(
                EngineError.SourceMismatch,
                $"{name}: {source.Name} is as large as the source of its snapshots, and is another file or disk. Give the right one. If that is gone, so are the "
                + "snapshots: set the device up anew and let the logs' content be discarded.");
        }

        var written = isAnother || (!catalog.IsAttached && source is IStampedDevice && stamp.MayHaveBeenWrittenSince(kept));
        return written ? Disbelieve(catalog, BreakReason.SourceChanged) : catalog;
    }

    private static Catalog Disbelieve(Catalog catalog, BreakReason reason) => catalog.Change(
        _ => true,
        point => point with { BreakReason = point.IsLive ? reason : point.BreakReason, ChangesLost = true });

    private static EngineException FailedBefore(LogVolume log) => new(
        EngineError.LogFailed, $"{log.Name}: the log failed in an earlier session and is only read since.");
}
