namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// How a machine's disks complete their requests. At once, by default, so that one user's requests give the same trace
/// every time; or some of them later and on another thread, so that requests overlap.
/// </summary>
internal sealed class Pace
{
    private readonly Lock _lock = new();
    private readonly Random? _random;

    private Pace(Random? random) => _random = random;

    public static Pace AtOnce { get; } = new(null);

    /// <summary>About half of the requests linger.</summary>
    public static Pace Varied(int seed) => new(new Random(seed));

    /// <summary>Whether the next request completes later than it was asked for.</summary>
    public bool Lingers()
    {
        if (_random is null)
            return false;
        lock (_lock)
            return _random.Next(2) == 0;
    }
}
