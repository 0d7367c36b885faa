namespace SnapBackup.Pipeline.Tests;

/// <summary>A clock that runs with the system's, but elsewhere: what happens tomorrow can be seen today.</summary>
internal sealed class ShiftedClock(TimeSpan shift) : TimeProvider
{
    private TimeSpan _shift = shift;

    public static ShiftedClock At(DateTimeOffset now) => new(now - System.GetUtcNow());

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    public void MoveTo(DateTimeOffset now) => _shift = now - System.GetUtcNow();
}
