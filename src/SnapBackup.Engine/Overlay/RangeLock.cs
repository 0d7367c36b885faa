namespace SnapBackup.Engine.Overlay;

/// <summary>
/// Keeps requests on overlapping ranges apart: readers share a range, a writer has it alone. Requests that conflict go in the order in which they
/// came, so that none is overtaken for ever.
/// </summary>
internal sealed class RangeLock
{
    private readonly Lock _lock = new();

    /// <summary>Those inside and those waiting, in the order in which they came.</summary>
    private readonly List<Range> _ranges = [];

    /// <summary>Waits until no request that came before conflicts. Each completed call is paired with <see cref="Leave"/>.</summary>
    /// <param name="first">The first block of the range.</param>
    /// <param name="last">The last one.</param>
    /// <param name="isShared">Whether others that share it may be inside at the same time.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<Range> EnterAsync(long first, long last, bool isShared, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<Range>(cancellationToken);
        var range = new Range(first, last, isShared);
        lock (_lock)
        {
            var mustWait = _ranges.Exists(range.ConflictsWith);
            _ranges.Add(range);
            if (!mustWait)
                return ValueTask.FromResult(range);
            range.Admission = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return WaitAsync(range, cancellationToken);
    }

    public void Leave(Range range)
    {
        lock (_lock)
        {
            _ranges.Remove(range);
            for (var i = 0; i < _ranges.Count; i++)
            {
                if (_ranges[i].Admission is { } admission && !_ranges[..i].Exists(_ranges[i].ConflictsWith))
                    admission.TrySetResult();
            }
        }
    }

    private async ValueTask<Range> WaitAsync(Range range, CancellationToken cancellationToken)
    {
        try
        {
            await range.Admission!.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return range;
        }
        catch
        {
            Leave(range);
            throw;
        }
    }

    /// <summary>A range that is held or waited for.</summary>
    internal sealed class Range(long first, long last, bool isShared)
    {
        /// <summary>Completes when a range that had to wait is held.</summary>
        public TaskCompletionSource? Admission { get; set; }

        public bool ConflictsWith(Range other) => First <= other.Last && other.First <= Last && !(IsShared && other.IsShared);

        private long First => first;

        private long Last => last;

        private bool IsShared => isShared;
    }
}
