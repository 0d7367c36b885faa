namespace SnapBackup.Engine.Reading;

/// <summary>
/// Counts who reads preserved blocks at places of the logs that were looked up, so that a place is used for something else only when nobody
/// reads there any more. Nobody is held up by it but who waits for the readers.
/// </summary>
/// <remarks>
/// <para>
/// Invariant: a reader enters before it looks a place up and leaves after its last read there. So when a version was moved and
/// <see cref="WaitAsync"/>, called after that, has completed, nobody reads at its old place: who looks up later finds the new one.
/// </para>
/// <para>
/// Readers are counted on one of two sides. To wait is to turn new readers to the other side until this one is empty, and then the same
/// again: whichever side a reader is on that was inside at the call, it was seen empty after that. Newer readers keep a side from getting
/// empty only for as long as they came before the turn, so the wait ends.
/// </para>
/// <para>Entering is an interlocked addition, and so is a full fence: either it is seen by who waits, or the reader sees the version moved.</para>
/// </remarks>
internal sealed class LogReaders
{
    private readonly long[] _inside = new long[2];
    private int _side;
    private TaskCompletionSource? _emptied;

    /// <summary>Lets a reader in.</summary>
    /// <returns>The side to leave from.</returns>
    public int Enter()
    {
        var side = Volatile.Read(ref _side);
        Interlocked.Increment(ref _inside[side]);
        return side;
    }

    /// <summary>Lets a reader out.</summary>
    /// <param name="side">What <see cref="Enter"/> gave.</param>
    public void Leave(int side)
    {
        if (Interlocked.Decrement(ref _inside[side]) == 0)
            Volatile.Read(ref _emptied)?.TrySetResult();
    }

    /// <summary>Waits until everyone has left who is inside at the call. Called once at a time.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (var turn = 0; turn < 2; turn++)
        {
            var side = _side;
            Volatile.Write(ref _side, 1 - side);
            await WaitUntilEmptyAsync(side, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The other side getting empty wakes it too, so the count decides.</summary>
    private async Task WaitUntilEmptyAsync(int side, CancellationToken cancellationToken)
    {
        while (true)
        {
            var emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _emptied, emptied);
            if (Volatile.Read(ref _inside[side]) == 0)
                return;
            await emptied.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
