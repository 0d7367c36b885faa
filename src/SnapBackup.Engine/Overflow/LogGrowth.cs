using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Overflow;

/// <summary>
/// Makes log files larger as they fill, in steps of a quarter, up to their limits: in the background when room gets scarce, so that a
/// writer rarely waits for it, else when there is none. The first log that can grow does.
/// </summary>
/// <remarks>
/// <para>
/// Order: the file is longer, with its space allocated, durably; then a superblock says so, durably; then the new segments are used. A
/// crash in between leaves a file that is longer than its superblock says, which does no harm.
/// </para>
/// <para>
/// A file that cannot grow is no failed log. It is remembered, so that its growth is not counted on, and tried again when there is no room
/// left. All but <see cref="Growable"/> and the growing itself runs under <see cref="LogSet.Appending"/>: whoever appends takes what has grown
/// into use, so growing needs no lock.
/// </para>
/// </remarks>
internal sealed class LogGrowth(LogSet logs) : IAsyncDisposable
{
    /// <summary>By which part of its size a log grows.</summary>
    private const int Part = 4;

    /// <summary>When this part of all segments is free, growing begins.</summary>
    private const int ScarcePart = 8;

    private readonly CancellationTokenSource _stop = new();
    private volatile LogVolume[] _failed = [];
    private Task<GrowthResult>? _running;

    /// <summary>Called after each step, with why it failed if it did.</summary>
    public Action<Exception?>? Grown { get; set; }

    /// <summary>The bytes that logs may still grow, as far as it is known that they can. May be asked at any time.</summary>
    public long Growable => logs.Logs.Where(IsCountedOn).Sum(log => log.SegmentsToGrow * log.SegmentSize);

    /// <summary>Completes when nothing is growing in the background. What came of it is taken up by the next commit.</summary>
    public Task Idle => Volatile.Read(ref _running) ?? Task.CompletedTask;

    /// <summary>Whether growing may help when it is tried again.</summary>
    public bool CanTry => logs.Logs.Any(log => log.SegmentsToGrow > 0);

    /// <summary>Takes into use what has grown meanwhile, and begins to grow if room is scarce.</summary>
    /// <param name="reserve">How many free segments do not count.</param>
    public void Advance(int reserve)
    {
        if (_running is { IsCompleted: true })
            TakeUp(_running.Result);
        if (_running is null && IsScarce(reserve) && logs.Logs.FirstOrDefault(IsCountedOn) is { } next)
            _running = Task.Run(() => GrowAsync(next));
    }

    /// <summary>Grows now.</summary>
    /// <returns>Whether there is more room.</returns>
    public async ValueTask<bool> TryGrowAsync()
    {
        if (_running is not null && TakeUp(await _running.ConfigureAwait(false)))
            return true;
        foreach (var log in logs.Logs.Where(log => log.SegmentsToGrow > 0))
        {
            if (TakeUp(await GrowAsync(log).ConfigureAwait(false)))
                return true;
        }

        return false;
    }

    /// <summary>Stops growing and waits for it. Nothing is appended any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private bool IsCountedOn(LogVolume log) => log.SegmentsToGrow > 0 && !_failed.Contains(log);

    private bool IsScarce(int reserve) => (logs.FreeSegments - reserve) * (long)ScarcePart <= logs.Logs.Sum(log => log.SegmentCount);

    /// <summary>Grows a log by a step, or by less if there is no space for that.</summary>
    private async Task<GrowthResult> GrowAsync(LogVolume log)
    {
        var segments = Math.Min(Math.Max(1, log.SegmentCount / Part), log.SegmentsToGrow);
        while (true)
        {
            try
            {
                return new GrowthResult(log, await log.GrowAsync(segments, _stop.Token).ConfigureAwait(false), Failure: null);
            }
            catch (BlockDeviceException failure) when (failure.Reason == BlockDeviceError.NoSpace && segments > 1)
            {
                segments /= 2;
            }
            catch (Exception failure)
            {
                return new GrowthResult(log, Superblock: null, failure);
            }
        }
    }

    private bool TakeUp(GrowthResult result)
    {
        _running = null;
        if (result.Superblock is { } superblock)
        {
            result.Log.TakeUp(superblock);
            _failed = [.. _failed.Where(log => log != result.Log)];
            Grown?.Invoke(null);
            return true;
        }

        if (!_failed.Contains(result.Log))
        {
            _failed = [.. _failed, result.Log];
            Grown?.Invoke(result.Failure);
        }

        return false;
    }

    /// <summary>What came of a step.</summary>
    /// <param name="Log">The log.</param>
    /// <param name="Superblock">What stands on it now; null when it did not grow.</param>
    /// <param name="Failure">Why it did not.</param>
    private sealed record GrowthResult(LogVolume Log, LogSuperblock? Superblock, Exception? Failure);
}
