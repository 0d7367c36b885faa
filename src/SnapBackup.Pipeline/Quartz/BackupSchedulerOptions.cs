using Microsoft.Extensions.Logging;

namespace SnapBackup.Pipeline.Quartz;

/// <summary>How a scheduler works.</summary>
public sealed record BackupSchedulerOptions
{
    /// <summary>The SQLite file that keeps the schedule over restarts; made when it is missing.</summary>
    public required string DatabasePath { get; init; }

    /// <summary>How many runs, of different jobs, may be under way at once.</summary>
    public int MaxConcurrentRuns { get; init; } = 4;

    /// <summary>Where the scheduler's own messages go; null for nowhere.</summary>
    public ILoggerFactory? Loggers { get; init; }
}
