using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Overflow;

/// <summary>How much room the logs that work have, apart from what is kept back for the change map.</summary>
/// <param name="Free">The bytes that can be taken now.</param>
/// <param name="Growable">The bytes that files may still grow.</param>
/// <param name="Total">The bytes that could be taken if nothing were, growing included.</param>
internal sealed record LogRoom(long Free, long Growable, long Total)
{
    public long Left => Free + Growable;

    /// <summary>How much is taken, from 0 to 1.</summary>
    public double Fill => Total > 0 ? 1 - ((double)Left / Total) : 1;

    /// <summary>Looks at the logs. May be called at any time; exact under <see cref="LogSet.Appending"/>.</summary>
    /// <param name="logs">The logs.</param>
    /// <param name="reserve">How many segments are kept back.</param>
    /// <param name="growable">The bytes that files may still grow.</param>
    public static LogRoom Of(LogSet logs, int reserve, long growable)
    {
        var (capacity, largestSegment) = (0L, 0);
        foreach (var log in logs.Logs)
        {
            if (!log.IsSound)
                continue;
            capacity += log.Capacity;
            largestSegment = Math.Max(largestSegment, log.SegmentSize);
        }

        var kept = (long)reserve * largestSegment;
        return new LogRoom(Math.Max(0, logs.Free - kept), growable, Math.Max(0, capacity - kept) + growable);
    }
}
