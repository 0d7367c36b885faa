using SnapBackup.Engine.Opening;

namespace SnapBackup.Engine;

/// <summary>
/// Lets a device's source and logs go. Requests under way are waited for, later ones are refused; what can be flushed is flushed, and
/// everything is closed in every case.
/// </summary>
internal sealed class DeviceRelease(DeviceCore core)
{
    private readonly EngineException _gone = new(EngineError.DeviceTornDown, $"{core.Name}: the device was torn down.");

    /// <summary>Lets go and keeps nothing: the logs can be those of another device.</summary>
    /// <remarks>Snapshots end before writers are waited for: those that are held for want of room need none then.</remarks>
    public async Task TearDownAsync()
    {
        await core.Compactor.DisposeAsync().ConfigureAwait(false);
        foreach (var snapshot in core.Snapshots.All)
            await snapshot.EndAsync().ConfigureAwait(false);
        await core.Catalogs.UpdateAsync(catalog => catalog with { Points = [], RollbackTarget = Guid.Empty }).ConfigureAwait(false);
        await core.Reclaimer.MergeAndReclaimAsync().ConfigureAwait(false);
        await ShutWritesAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>Lets go and keeps everything for the next time.</summary>
    public async Task LetGoAsync()
    {
        await core.Compactor.DisposeAsync().ConfigureAwait(false);
        await ShutWritesAsync().ConfigureAwait(false);
        foreach (var snapshot in core.Snapshots.All)
            await snapshot.DetachAsync(_gone).ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    private async Task ShutWritesAsync()
    {
        await core.Ladder.LetGoAsync(_gone).ConfigureAwait(false);
        await core.Writes.ShutAsync(_gone).ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        await core.Reads.ShutAsync(_gone).ConfigureAwait(false);
        await core.LogUsers.ShutAsync(_gone).ConfigureAwait(false);
        try
        {
            if (!core.Source.IsReadOnly)
                await core.Source.FlushAsync().ConfigureAwait(false);
            await SignOffAsync().ConfigureAwait(false);
        }
        finally
        {
            await core.Ladder.DisposeAsync().ConfigureAwait(false);
            core.Catalogs.Dispose();
            await core.Logs.DisposeAsync().ConfigureAwait(false);
            await core.Source.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Writes down how the source is left, so that the next opening notices whoever writes to it meanwhile.</summary>
    private async Task SignOffAsync()
    {
        var stamp = await DeviceReopening.StampAsync(core.Source, CancellationToken.None).ConfigureAwait(false);
        // Two generations: a copy of a log from before, put beside the others later, then is older by two, which no crash does.
        await core.Catalogs.UpdateAsync(catalog => catalog).ConfigureAwait(false);
        await core.Catalogs.UpdateAsync(catalog => catalog with { IsAttached = false, Stamp = stamp }).ConfigureAwait(false);
    }
}
