namespace SnapBackup.Archive;

/// <summary>
/// Adds up what the lanes have done and tells the caller, about a thousand times an operation: a sparse image passes
/// hundreds of thousands of frames a second, and a report for each would cost more than the frame.
/// </summary>
internal sealed class ProgressMeter(IProgress<ArchiveProgress>? progress, long total)
{
    private readonly Lock _lock = new();
    private readonly long _step = Math.Max(1, total / 1000);
    private long _done;
    private long _written;
    private long _reported;

    public void Add(long done, long written)
    {
        if (progress is null)
            return;

        // Reporting inside the lock keeps the reports in order.
        lock (_lock)
        {
            _done += done;
            _written += written;
            if (_done < total && _done - _reported < _step)
                return;
            _reported = _done;
            progress.Report(new ArchiveProgress(_done, total, _written));
        }
    }
}
