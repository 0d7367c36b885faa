namespace SnapBackup.Engine;

/// <summary>
/// What happens as the logs fill, step by step: it is foretold (<see cref="SnapDevice.LogFilling"/>), the next log is taken, one can be added
/// (<see cref="SnapDevice.AddLogAsync(LogOptions, CancellationToken)"/>), files grow (<see cref="LogOptions.GrowTo"/>), writes are slowed, and at
/// last <see cref="Policy"/> decides. A device that is opened again takes the options given then.
/// </summary>
public sealed record OverflowOptions
{
    /// <summary>The longest <see cref="HoldFor"/>.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromHours(1);

    /// <summary>The longest <see cref="LargestDelay"/>.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    /// <summary>What is done when no log has room and none can be had.</summary>
    public OverflowPolicy Policy { get; init; } = OverflowPolicy.EndOldest;

    /// <summary>
    /// With <see cref="OverflowPolicy.Hold"/>, how long a write waits for room at the most, from when it asked; up to <see cref="LongestHold"/>.
    /// </summary>
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// From which fill of the logs on writes that preserve something are slowed, from 0 to 1. What files may still grow counts as room, so
    /// nothing is slowed as long as they can.
    /// </summary>
    public double SlowFrom { get; init; } = 0.9;

    /// <summary>
    /// How long a write is delayed when the logs are all but full, up to <see cref="LongestDelay"/>; at <see cref="SlowFrom"/> it is nothing, and
    /// between them it grows evenly. No commit group's worth of a write is held longer than this by it, however many wait. Zero: never.
    /// </summary>
    public TimeSpan LargestDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>It is told when the logs will be full within this time if writes go on as in the last minute. Zero: never.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromMinutes(15);
}
