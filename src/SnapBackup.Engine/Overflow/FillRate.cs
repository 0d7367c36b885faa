namespace SnapBackup.Engine.Overflow;

/// <summary>
/// How fast the logs fill: an exponentially weighted average over the last minute or so. It starts at nothing and fades when nothing is
/// taken. What a short burst has taken says nothing about what goes on: that shows when writes have gone on for a while.
/// </summary>
internal sealed class FillRate(TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>How long writes must have gone on before something is foretold from them.</summary>
    private static readonly TimeSpan LeastSpan = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private double _bytesPerSecond;
    private long _total;
    private long _asOf = clock.GetTimestamp();

    /// <summary>When the writes began that go on; null before the first.</summary>
    private long? _since;

    public double BytesPerSecond
    {
        get
        {
            lock (_lock)
                return FadedTo(clock.GetTimestamp());
        }
    }

    /// <summary>Whether writes have gone on for long enough that the rate says what is to come.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
                return _since is { } since && clock.GetElapsedTime(since, _asOf) >= LeastSpan;
        }
    }

    /// <summary>Takes note of how many bytes were taken so far, all together.</summary>
    public void Advance(long total)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_since is null || clock.GetElapsedTime(_asOf, now) > Memory)
                _since = now;
            _bytesPerSecond = FadedTo(now) + ((total - _total) / Memory.TotalSeconds);
            _total = total;
            _asOf = now;
        }
    }

    private double FadedTo(long now) => _bytesPerSecond * Math.Exp(-(clock.GetElapsedTime(_asOf, now) / Memory));
}
