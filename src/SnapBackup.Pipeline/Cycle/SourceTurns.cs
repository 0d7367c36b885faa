using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>
/// One run a source at a time: the runs of a process wait here for their turn. Those of other processes are refused by the
/// engine's lock on the source.
/// </summary>
internal sealed class SourceTurns
{
    /// <summary>Guards the dictionary and its counts; never held while waiting for a turn.</summary>
    private readonly Lock _lock = new();
    private readonly Dictionary<FileIdentity, Queue> _queues = [];

    /// <summary>Waits until no other run has the source, whatever path either gives it.</summary>
    /// <param name="source">Its path. One that names nothing is nobody's; the engine refuses it.</param>
    /// <param name="cancellationToken">Gives up the place in the queue.</param>
    /// <returns>The turn, which disposing ends.</returns>
    public async Task<IDisposable?> TakeAsync(string source, CancellationToken cancellationToken)
    {
        if (FileIdentity.Of(source) is not { } identity)
            return null;
        var queue = Join(identity);
        try
        {
            await queue.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Turn(this, identity, queue);
        }
        catch
        {
            Leave(identity, queue);
            throw;
        }
    }

    /// <summary>Takes the turn if nobody has it.</summary>
    /// <param name="source">Its path. One that names nothing is nobody's.</param>
    /// <returns>The turn, which disposing ends; null when somebody else has it.</returns>
    public IDisposable? TryTake(string source)
    {
        if (FileIdentity.Of(source) is not { } identity)
            return new NobodysTurn();
        var queue = Join(identity);
        if (queue.Turn.Wait(TimeSpan.Zero))
            return new Turn(this, identity, queue);
        Leave(identity, queue);
        return null;
    }

    private Queue Join(FileIdentity identity)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(identity, out var queue))
                _queues.Add(identity, queue = new Queue());
            queue.Members++;
            return queue;
        }
    }

    private void Leave(FileIdentity identity, Queue queue)
    {
        lock (_lock)
        {
            if (--queue.Members > 0)
                return;
            _queues.Remove(identity);
            queue.Turn.Dispose();
        }
    }

    /// <summary>Those who wait for a source and the one who has it.</summary>
    private sealed class Queue
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Members { get; set; }
    }

    private sealed class NobodysTurn : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private sealed class Turn(SourceTurns turns, FileIdentity identity, Queue queue) : IDisposable
    {
        public void Dispose()
        {
            queue.Turn.Release();
            turns.Leave(identity, queue);
        }
    }
}
