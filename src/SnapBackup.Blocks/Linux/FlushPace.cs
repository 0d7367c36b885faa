using System.Diagnostics;

namespace SnapBackup.Blocks.Linux;

/// <summary>
/// Knows how long the flushes of a device usually take. Where that is no longer than a few changes of threads, as in memory, changing threads for one does
/// not pay. Where it is longer it does: what comes meanwhile is gathered and shares the next flush.
/// </summary>
internal sealed class FlushPace
{
    /// <summary>One in so many parts of the usual time is the last one.</summary>
    private const int Weight = 8;

    /// <summary>50 µs.</summary>
    private static readonly long Quick = Stopwatch.Frequency / 20_000;

    private long _usual = long.MaxValue;

    /// <summary>Whether a flush may be done by a thread that has something else to do afterwards; of an unknown device it may not.</summary>
    public bool IsQuick => Volatile.Read(ref _usual) <= Quick;

    /// <summary>Runs a flush and notes how long it took.</summary>
    public void Run(Action flush)
    {
        var start = Stopwatch.GetTimestamp();
        flush();
        var took = Stopwatch.GetTimestamp() - start;
        var usual = Volatile.Read(ref _usual);
        // Two flushes at once may lose one of the two: it is an estimate.
        Volatile.Write(ref _usual, usual == long.MaxValue ? took : usual + ((took - usual) / Weight));
    }
}
