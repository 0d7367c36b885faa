namespace SnapBackup.Engine.Overflow;

/// <summary>
/// How fast the logs fill: an exponentially weighted average over the last minute or so. It starts at nothing, so that a short burst is
/// not taken for what goes on, and fades when nothing is taken.
/// </summary>
internal sealed class FillRate(TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private double _bytesPerSecond;
    private long _total;
    private long _asOf = clock.GetTimestamp();

    public double BytesPerSecond
    {
        get
        {
            lock (_lock)
                return FadedTo(clock.GetTimestamp());
        }
    }

    /// <summary>Takes note of how many bytes were taken so far, all together.</summary>
    public void Advance(long total)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            _bytesPerSecond = FadedTo(now) + ((total - _total) / Memory.TotalSeconds);
            _total = total;
            _asOf = now;
        }
    }

    private double FadedTo(long now) => _bytesPerSecond * Math.Exp(-(clock.GetElapsedTime(_asOf, now) / Memory));
}
