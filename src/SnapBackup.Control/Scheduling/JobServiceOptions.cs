using Microsoft.Extensions.Logging;

namespace SnapBackup.Control.Scheduling;

/// <summary>How a <see cref="JobService"/> works.</summary>
public sealed record JobServiceOptions
{
    /// <summary>How many runs, of different sources, may be under way at once.</summary>
    public int MaxConcurrentRuns { get; init; } = 4;

    /// <summary>
    /// How often the folder is read although no change of it was noticed: notices can be lost, and a device that was in use
    /// may be free by now.
    /// </summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where the scheduler's own messages go; null for nowhere.</summary>
    public ILoggerFactory? Loggers { get; init; }
}
