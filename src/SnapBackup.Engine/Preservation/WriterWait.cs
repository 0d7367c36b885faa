using System.Threading.Tasks.Sources;

namespace SnapBackup.Engine.Preservation;

/// <summary>
/// A writer's wait for its batch, to be awaited once. The writer goes on on the thread that lets it, which of a task only the first of several would do; and
/// the object is used again.
/// </summary>
/// <param name="onOver">Told when it can be.</param>
internal sealed class WriterWait(Action<WriterWait> onOver) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;

    public ValueTask Task => new(this, _core.Version);

    public void Complete() => _core.SetResult(true);

    public void Refuse(EngineException refusal) => _core.SetException(refusal);

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            onOver(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
