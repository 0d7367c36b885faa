namespace SnapBackup.CrashTests.Running;

/// <summary>Counts what was tried, by several workers at once.</summary>
internal sealed class Tally
{
    private long _scenarios;
    private long _crashPoints;
    private long _recoveries;

    /// <summary>Sequences or runs that were done.</summary>
    public long Scenarios => Volatile.Read(ref _scenarios);

    /// <summary>Instants at which the power was cut.</summary>
    public long CrashPoints => Volatile.Read(ref _crashPoints);

    /// <summary>Disks that were left by a power cut, each different from the others of its instant, that the engine was started with.</summary>
    public long Recoveries => Volatile.Read(ref _recoveries);

    public void CountScenario() => Interlocked.Increment(ref _scenarios);

    public void CountCrashPoint() => Interlocked.Increment(ref _crashPoints);

    public void CountRecovery() => Interlocked.Increment(ref _recoveries);
}
