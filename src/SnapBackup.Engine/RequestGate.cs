namespace SnapBackup.Engine;

/// <summary>
/// Counts the requests under way and can hold back new ones: the sync point of start and end, and the drain of
/// teardown. Entering an open gate is one interlocked addition.
/// </summary>
/// <remarks>
/// The state is the number of requests inside, times two, plus one while the gate is closed. Closing and opening
/// are serialised by their caller (the device's operation lock); a request that is inside never waits for the gate.
/// </remarks>
internal sealed class RequestGate
{
    private const long Closed = 1;
    private const long OneRequest = 2;

    private static readonly Task Never = new TaskCompletionSource().Task;

    private long _state;
    private volatile TaskCompletionSource _drained = new();
    private TaskCompletionSource _opened = new();
    private volatile EngineException? _refusal;

    /// <summary>Lets a request in, waiting while the gate is closed. Each completed call is paired with <see cref="Leave"/>.</summary>
    /// <exception cref="EngineException">Requests are refused.</exception>
    public ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        return TryEnter() ? ValueTask.CompletedTask : WaitAndEnterAsync(cancellationToken);
    }

    public void Leave()
    {
        if (Interlocked.Add(ref _state, -OneRequest) == Closed)
            _drained.TrySetResult();
    }

    /// <summary>Holds back new requests and waits until none is inside.</summary>
    public Task CloseAsync() => CloseAsync(Never);

    /// <summary>Holds back new requests and waits until none is inside, unless something else comes first: then the gate is open again.</summary>
    /// <param name="unless">What may come first.</param>
    /// <returns>Whether it is closed.</returns>
    public async Task<bool> TryCloseAsync(Task unless)
    {
        if (await CloseAsync(unless).ConfigureAwait(false))
            return true;
        Open();
        return false;
    }

    /// <summary>Lets requests in again.</summary>
    public void Open()
    {
        _refusal = null;
        Interlocked.Add(ref _state, -Closed);
        _opened.TrySetResult();
    }

    /// <summary>Of a gate that is closed and drained: refuses who waits there and who comes, until it is opened.</summary>
    public void Refuse(EngineException refusal)
    {
        _refusal = refusal;
        _opened.TrySetResult();
    }

    /// <exception cref="EngineException">Requests are refused, with this error.</exception>
    public void ThrowIfRefusing()
    {
        if (_refusal is { } refusal)
            throw new EngineException(refusal.Reason, refusal.Message, refusal.InnerException);
    }

    /// <summary>Closes for good: every request from now on is refused with <paramref name="refusal"/>; waits until none is inside.</summary>
    public Task ShutAsync(EngineException refusal)
    {
        var drained = _refusal is null ? CloseAsync() : Task.CompletedTask; // one that refuses is closed already
        Refuse(refusal);
        return drained;
    }

    private async Task<bool> CloseAsync(Task unless)
    {
        _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var drained = Rearm();
        return Interlocked.Add(ref _state, Closed) == Closed || await TryDrainAsync(drained, unless).ConfigureAwait(false);
    }

    private TaskCompletionSource Rearm() => _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Waits until nobody is inside. A request that left during an earlier closing may signal this one, so the count decides.
    /// </summary>
    private async Task<bool> TryDrainAsync(TaskCompletionSource drained, Task unless)
    {
        do
        {
            if (await Task.WhenAny(drained.Task, unless).ConfigureAwait(false) == unless)
                return false;
            drained = Rearm();
        }
        while (Interlocked.Add(ref _state, 0) != Closed);
        return true;
    }

    private bool TryEnter()
    {
        if ((Interlocked.Add(ref _state, OneRequest) & Closed) == 0)
            return true;
        Leave();
        return false;
    }

    private async ValueTask WaitAndEnterAsync(CancellationToken cancellationToken)
    {
        do
        {
            ThrowIfRefusing();
            await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryEnter());
    }
}
