namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// How a machine's disks complete their requests. At once, by default, so that one user's requests give the same trace
/// every time; or some of them later and on another thread, so that requests overlap.
/// </summary>
internal sealed class Pace
{
    /// <summary>The most events that overtake a request.</summary>
    private const int MostEvents = 16;

    private readonly Lock _lock = new();
    private readonly Random? _random;

    private Pace(Random? random) => _random = random;

    public static Pace AtOnce { get; } = new(null);

    /// <summary>About half of the requests linger: as many others overtake them, if that many come.</summary>
    public static Pace Varied(int seed) => new(new Random(seed));

    /// <summary>By how many events the next request is to be overtaken before it completes; 0 when it completes at once.</summary>
    public int NextDelay()
    {
        if (_random is null)
            return 0;
        lock (_lock)
            return _random.Next(2) == 0 ? _random.Next(1, MostEvents) : 0;
    }
}
