namespace SnapBackup.Engine.Overflow;

/// <summary>Lets writers wait for room when there is none, for a time that is bounded, if that is the policy.</summary>
/// <remarks>
/// Held writers are inside the gate of writes and hold no lock. So whatever makes room (a log that is added, an end) must not wait for the
/// gate, and what must close the gate (a start) gives up while writers are held. One commit group is worked on at a time, so one hold is.
/// </remarks>
internal sealed class WriterHold(OverflowOptions options, TimeProvider clock)
{
    private readonly Lock _lock = new();

    /// <summary>What held writers wait for: null, or why they are refused. Of no account while none is held.</summary>
    private TaskCompletionSource<EngineException?> _room = NewRoom();
    private TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineException? _refusal;

    /// <summary>Completes when writers are held; at once if they are.</summary>
    public Task Begun
    {
        get
        {
            lock (_lock)
                return _begun.Task;
        }
    }

    /// <summary>Begins to hold, unless it is not the policy or the time is up. Under <see cref="Log.LogSet.Appending"/>, by whoever found no room there.</summary>
    /// <param name="since">When the writers began to wait.</param>
    public bool TryBegin(long since)
    {
        if (options.Policy != OverflowPolicy.Hold || Left(since) <= TimeSpan.Zero)
            return false;
        lock (_lock)
        {
            _room = NewRoom();
            if (_refusal is not null)
                _room.SetResult(_refusal);
            else
                _begun.TrySetResult();
        }

        return true;
    }

    /// <summary>Waits until there may be room or the time is up. After <see cref="TryBegin"/>, when <see cref="Log.LogSet.Appending"/> was released.</summary>
    /// <param name="since">When the writers began to wait.</param>
    /// <param name="longest">How long to wait at the most before it is tried again.</param>
    /// <returns>Why the writers must be refused, because the device is let go; else null.</returns>
    public async Task<EngineException?> WaitAsync(long since, TimeSpan longest)
    {
        try
        {
            var left = TimeSpan.FromTicks(Math.Clamp(Left(since).Ticks, 0, longest.Ticks));
            return await _room.Task.WaitAsync(left, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            End(null);
            return null; // it is tried once more, and then the oldest snapshot is ended
        }
    }

    /// <summary>Says that there may be room now, or less need of it. Nobody is held until it turns out not to be so.</summary>
    public void Wake() => End(null);

    /// <summary>Refuses those who are held, and those who would be from now on.</summary>
    public void Refuse(EngineException refusal)
    {
        lock (_lock)
            _refusal = refusal;
        End(refusal);
    }

    private void End(EngineException? refusal)
    {
        lock (_lock)
        {
            if (_room.TrySetResult(refusal))
                _begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static TaskCompletionSource<EngineException?> NewRoom() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Left(long since) => options.HoldFor - clock.GetElapsedTime(since);
}
