using SnapBackup.Blocks;

namespace SnapBackup.Engine.Rollback;

/// <summary>
/// Rolls the source back to a snapshot, which stays as it is, as do all others. The device sees to it that one operation runs at a time.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Everything that is needed was read and verified, and there is room for what newer snapshots need, before anything changes.</item>
/// <item>The catalog names the snapshot durably before the first write to the source and until the source is flushed after the last. As long as it
/// does, nobody reads or writes through the origin, also after a crash: the gates are closed, and stay so if the rollback fails.</item>
/// <item>As long as the catalog names it, the snapshot is neither ended nor given up to make room.</item>
/// </list>
/// </remarks>
internal sealed class RollbackOperation(DeviceCore core)
{
    /// <summary>Rolls back, also instead of a rollback that was not finished.</summary>
    /// <param name="snapshot">To which snapshot.</param>
    /// <param name="force">Whether to do so although the origin is open, or the snapshot does not have all.</param>
    /// <param name="progress">Is told how many bytes were written so far.</param>
    /// <param name="cancellationToken">Gives up before the first write to the source.</param>
    public async Task<RollbackReport> RunAsync(Snapshot snapshot, bool force, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        snapshot.ThrowIfNotActive();
        if (core.Source.IsReadOnly)
            throw new BlockDeviceException(BlockDeviceError.ReadOnly, $"{core.Source.Name}: the source is read-only, so it cannot be rolled back. Open it for writing.");
        var target = core.Catalogs.Current.RollbackTarget;
        if (target == snapshot.Id)
            return await FinishAsync(new RollbackPlan(core, snapshot), progress).ConfigureAwait(false);
        return target == Guid.Empty
            ? await BeginAsync(snapshot, force, progress, cancellationToken).ConfigureAwait(false)
            : await TurnToAsync(snapshot, force, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finishes what a crash has interrupted, before the device is let out. If that fails, the device is let out with a closed origin.</summary>
    public async Task ResumeAsync()
    {
        var target = core.Catalogs.Current.RollbackTarget;
        if (target == Guid.Empty)
            return;
        await core.Writes.CloseAsync().ConfigureAwait(false);
        await core.Reads.CloseAsync().ConfigureAwait(false);
        var snapshot = core.Snapshots.All.FirstOrDefault(snapshot => snapshot.Id == target);
        if (snapshot is not { State: SnapshotState.Active })
        {
            RefuseRequests(Incomplete(snapshot?.BreakCause));
            return;
        }

        try
        {
            await FinishAsync(new RollbackPlan(core, snapshot), null).ConfigureAwait(false);
        }
        catch (EngineException failure) when (failure.Reason == EngineError.RollbackIncomplete)
        {
            // The gates refuse requests with it, so whoever comes to the origin is told.
        }
    }

    /// <summary>Lets the source be used as it is, partly rolled back.</summary>
    public async Task AbandonAsync()
    {
        if (core.Catalogs.Current.RollbackTarget == Guid.Empty)
            return;
        await ForgetTargetAsync().ConfigureAwait(false);
        OpenGates();
    }

    private async Task<RollbackReport> BeginAsync(Snapshot snapshot, bool force, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (!force)
            ThrowIfOpen();
        await core.CloseWritesAsync($"{snapshot.FullName}: the source cannot be rolled back").ConfigureAwait(false);
        var readsClosed = false;
        RollbackPlan plan;
        try
        {
            plan = await PrepareAsync(snapshot, force, cancellationToken).ConfigureAwait(false);
            await core.Reads.CloseAsync().ConfigureAwait(false);
            readsClosed = true;
            await SetTargetAsync(snapshot).ConfigureAwait(false);
        }
        catch
        {
            if (readsClosed)
                core.Reads.Open();
            core.Writes.Open();
            throw;
        }

        return await FinishAsync(plan, progress).ConfigureAwait(false);
    }

    /// <summary>Rolls a source that is partly rolled back to one snapshot back to another.</summary>
    private async Task<RollbackReport> TurnToAsync(Snapshot snapshot, bool force, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var plan = await PrepareAsync(snapshot, force, cancellationToken).ConfigureAwait(false);
        await SetTargetAsync(snapshot).ConfigureAwait(false);
        return await FinishAsync(plan, progress).ConfigureAwait(false);
    }

    /// <summary>Makes sure that nothing will be missing.</summary>
    private async Task<RollbackPlan> PrepareAsync(Snapshot snapshot, bool force, CancellationToken cancellationToken)
    {
        var plan = new RollbackPlan(core, snapshot);
        if (!force && plan.Unreadable is [var first, ..])
        {
            throw new EngineException(
                EngineError.SourceUnreadable,
                $"{snapshot.FullName}: it does not have {new ByteSize(plan.Unreadable.Sum(range => range.Length))} of the source, from offset {first.Offset} on, because they could not be "
                + "read when they were to be preserved. Force the rollback to leave these as they are.");
        }

        await plan.VerifyAsync(cancellationToken).ConfigureAwait(false);
        if (await plan.CountBytesWithoutRoomAsync().ConfigureAwait(false) is > 0 and var missing)
        {
            throw new EngineException(
                EngineError.LogsTooFull,
                $"{snapshot.FullName}: a rollback preserves for the newer snapshots what it overwrites, and {new ByteSize(missing)} ({missing} bytes) of that find no room on the "
                + "logs. End snapshots that started after it, or give the device more logs.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        return plan;
    }

    private async Task<RollbackReport> FinishAsync(RollbackPlan plan, IProgress<long>? progress)
    {
        try
        {
            var written = await new RollbackWriter(core, progress).WriteAsync(plan).ConfigureAwait(false);
            await ForgetTargetAsync().ConfigureAwait(false);
            OpenGates();
            return new RollbackReport(written, plan.Unreadable);
        }
        catch (Exception failure)
        {
            var incomplete = Incomplete(failure);
            RefuseRequests(incomplete);
            throw incomplete;
        }
    }

    private async Task SetTargetAsync(Snapshot snapshot)
    {
        var before = core.Catalogs.Current.RollbackTarget;
        if (await core.Catalogs.UpdateAsync(catalog => catalog with { RollbackTarget = snapshot.Id }).ConfigureAwait(false))
            return;
        await core.Catalogs.UpdateAsync(catalog => catalog with { RollbackTarget = before }).ConfigureAwait(false);
        throw NoLog("that the source is being rolled back");
    }

    /// <summary>As long as a log may say that a rollback is under way the origin stays closed: the next opening would undo what was written since.</summary>
    private async Task ForgetTargetAsync()
    {
        var target = core.Catalogs.Current.RollbackTarget;
        if (await core.Catalogs.UpdateAsync(catalog => catalog with { RollbackTarget = Guid.Empty }).ConfigureAwait(false))
            return;
        await core.Catalogs.UpdateAsync(catalog => catalog with { RollbackTarget = target }).ConfigureAwait(false);
        throw NoLog("that the rollback is over");
    }

    private void OpenGates()
    {
        core.Reads.Open();
        core.Writes.Open();
        core.Compactor.Begin(); // which a rollback that failed has broken off
    }

    private void RefuseRequests(EngineException refusal)
    {
        core.Reads.Refuse(refusal);
        core.Writes.Refuse(refusal);
    }

    private void ThrowIfOpen()
    {
        if (core.OriginOpeners.Count is > 0 and var openers)
        {
            throw new EngineException(
                EngineError.DeviceInUse,
                $"{core.Name}: its origin has {Quantity.Of(openers, "opener")}, under whom the disk would change. Detach them first, or force it: their requests then wait.");
        }
    }

    private EngineException Incomplete(Exception? failure) => new(
        EngineError.RollbackIncomplete,
        $"{core.Name}: the rollback to '{core.Catalogs.Current.FindRollbackTarget()?.Name}' was not finished{(failure is null ? "" : $": {failure.Message.TrimEnd('.')}")}. The source is "
        + "partly as it was and partly as the snapshot, so the origin is closed. Roll back again, to this or another snapshot, or abandon the rollback to use the "
        + "source as it is and to restore an archive to it.",
        failure);

    private EngineException NoLog(string note) => new(
        EngineError.LogFailed, $"{core.Name}: no log takes the note {note}: {core.Logs.WhyNoRoom().Cause}. Give the device logs that work.");
}
