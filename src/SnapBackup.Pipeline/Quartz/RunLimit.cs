namespace SnapBackup.Pipeline.Quartz;

/// <summary>
/// How many runs are under way at once. A firing waits here for its place: in Quartz' own thread pool it would fire late, and
/// one that fires too late counts as missed.
/// </summary>
/// <param name="runs">The number.</param>
internal sealed class RunLimit(int runs) : IAsyncDisposable
{
    private readonly SemaphoreSlim _places = new(runs, runs);
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Waits for a place.</summary>
    /// <returns>The place, which disposing gives back; null when the limit was disposed meanwhile or before.</returns>
    public async Task<IDisposable?> TryEnterAsync()
    {
        try
        {
            await _places.WaitAsync(_closing.Token).ConfigureAwait(false);
            return new Place(_places);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>
    /// Lets nobody in any more, and sends away those who wait. Places that are taken can be given back still, so the
    /// semaphore, which holds nothing but memory, stays.
    /// </summary>
    public ValueTask DisposeAsync() => new(_closing.CancelAsync());

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
