namespace SnapBackup.Archive.Tests;

/// <summary>A clock that stands.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public static FixedTime NewYear { get; } = new(new DateTimeOffset(2025, 1, 1, 2, 30, 0, TimeSpan.Zero));

    public override DateTimeOffset GetUtcNow() => now;
}
