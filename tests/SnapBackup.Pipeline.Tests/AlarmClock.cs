namespace SnapBackup.Pipeline.Tests;

/// <summary>The system's clock, which does something when it is looked at for the n-th time.</summary>
internal sealed class AlarmClock(int look, Action alarm) : TimeProvider
{
    private int _looks;

    public override DateTimeOffset GetUtcNow()
    {
        if (Interlocked.Increment(ref _looks) == look)
            alarm();
        return base.GetUtcNow();
    }
}
