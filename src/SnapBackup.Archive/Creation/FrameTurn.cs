namespace SnapBackup.Archive.Creation;

/// <summary>
/// Lets frames that are ready in any order be written in theirs. Whoever has the turn holds it until
/// <see cref="Pass"/>; when its holder fails, the others are freed by their cancellation.
/// </summary>
internal sealed class FrameTurn
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource> _waiting = [];
    private int _current;

    /// <summary>Completes when all frames before <paramref name="frame"/> were written.</summary>
    public Task WaitAsync(int frame, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (frame == _current)
                return Task.CompletedTask;
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(frame, turn);
            return turn.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Gives the turn to the next frame.</summary>
    public void Pass()
    {
        TaskCompletionSource? next;
        lock (_lock)
            _waiting.Remove(++_current, out next);
        next?.SetResult();
    }
}
