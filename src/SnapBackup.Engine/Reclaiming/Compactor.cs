using SnapBackup.Blocks;
using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Reclaiming;

/// <summary>
/// Moves the live versions of poorly used segments together, in the background, so that space comes back although some of each segment is needed:
/// when a snapshot between others ends, of two versions of a block the later is needless, wherever it lies.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Nobody is held up by more than one commit group: what is done under <see cref="LogSet.Appending"/> is done in steps. Each passes the gate of
/// writes too, because a rollback, which closes it, counts on the room that there is.</item>
/// <item>A segment that versions were moved from is pinned, so that nobody releases it, until those have left who were reading the logs when
/// the last was moved (<see cref="Reading.LogReaders"/>).</item>
/// <item>It gives up quietly for want of room or when a log fails: what was moved is moved, and all else is where it was.</item>
/// </list>
/// </remarks>
internal sealed class Compactor(DeviceCore core) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Segment> _pinned = [];
    private volatile VersionMover? _mover;
    private Task _running = Task.CompletedTask;
    private bool _isAsked;
    private bool _isRunning;

    /// <summary>Completes when nothing is being moved.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    /// <summary>Whether it is filling a segment. Asked under <see cref="LogSet.Appending"/>.</summary>
    public bool Fills(Segment segment) => ReferenceEquals(_mover?.Target, segment);

    /// <summary>Looks in the background for what can be moved together, and does it: after something ended, or room came.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _isAsked = true;
            if (_isRunning || _stop.IsCancellationRequested)
                return;
            _isRunning = true;
            _running = Task.Run(RunAsync, CancellationToken.None);
        }
    }

    /// <summary>Stops, for good. What is on its way is finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Idle.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (TakeRequest())
        {
            try
            {
                while (await TryCompactAsync().ConfigureAwait(false))
                    _stop.Token.ThrowIfCancellationRequested();
            }
            catch (Exception failure) when (failure is SnapBackupException or OperationCanceledException or ObjectDisposedException)
            {
                // The device is let go, its origin is closed or a log failed: nobody waits for this, and nothing is lost. Another time.
            }
        }
    }

    private bool TakeRequest()
    {
        lock (_lock)
        {
            _isRunning = _isAsked && !_stop.IsCancellationRequested;
            _isAsked = false;
            return _isRunning;
        }
    }

    /// <returns>Whether something came back, so that there may be more.</returns>
    private async Task<bool> TryCompactAsync()
    {
        var gained = await TryFinishAsync().ConfigureAwait(false); // what was broken off
        foreach (var batch in await StepAsync(PlanAsync).ConfigureAwait(false))
        {
            var goesOn = await TryMoveAsync(batch).ConfigureAwait(false);
            gained |= await TryFinishAsync().ConfigureAwait(false);
            if (!goesOn)
                break;
        }

        return gained;
    }

    /// <summary>Closes what was filled and gives back what nothing is left of: batch by batch, so that little is in use twice.</summary>
    /// <returns>Whether something came back.</returns>
    private async Task<bool> TryFinishAsync()
    {
        if (_mover is not { } mover)
            return false;
        await StepAsync(async () =>
        {
            await mover.CloseAsync().ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        await core.LogReaders.WaitAsync(_stop.Token).ConfigureAwait(false);
        return await StepAsync(ReleaseAsync).ConfigureAwait(false);
    }

    /// <summary>Finds what to move; the change map is stored first, so that giving segments back later takes no room.</summary>
    private async ValueTask<IReadOnlyList<CompactionBatch>> PlanAsync()
    {
        var plan = new CompactionPlan(core.Logs, core.History, core.Catalogs, core.Reclaimer).Make();
        return !plan.Any(batch => batch.Sources.Any(core.Reclaimer.HoldsNeededChanges)) || await core.Reclaimer.TryStoreChangesAsync().ConfigureAwait(false) ? plan : [];
    }

    /// <returns>Whether to go on with the next batch.</returns>
    private async Task<bool> TryMoveAsync(CompactionBatch batch)
    {
        var mover = _mover = new VersionMover(core, batch);
        _pinned.AddRange(batch.Sources);
        await foreach (var versions in mover.ReadAsync().ConfigureAwait(false))
        {
            if (!await StepAsync(() => mover.TryMoveAsync(versions)).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    /// <summary>Gives back what nothing is left of.</summary>
    private ValueTask<bool> ReleaseAsync()
    {
        foreach (var segment in _pinned)
            segment.IsPinned = false;
        _pinned.Clear();
        _mover = null;
        return core.Reclaimer.ReclaimAsync();
    }

    private async ValueTask<T> StepAsync<T>(Func<ValueTask<T>> step)
    {
        await core.Writes.EnterAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await core.Logs.Appending.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                return await step().ConfigureAwait(false);
            }
            finally
            {
                core.Logs.Appending.Release();
            }
        }
        finally
        {
            core.Writes.Leave();
        }
    }
}
