namespace SnapBackup.Engine;

/// <summary>Tells how full the logs are and when they will be full.</summary>
public sealed class LogForecastEventArgs : EventArgs
{
    /// <summary>What has happened.</summary>
    public required LogFillStage Stage { get; init; }

    /// <summary>How much of all room is taken, from 0 to 1, where what files may still grow counts as room.</summary>
    public required double FillFraction { get; init; }

    /// <summary>The bytes that can still be taken as the logs are now.</summary>
    public required long BytesFree { get; init; }

    /// <summary>The bytes that files may still grow, as far as it is known that they can.</summary>
    public required long BytesGrowable { get; init; }

    /// <summary>How many bytes a second were taken lately: an average in which a minute ago counts about a third of now.</summary>
    public required double Rate { get; init; }

    /// <summary>When the logs will be full at this rate, growing included; null when that is not in sight.</summary>
    public required TimeSpan? TimeUntilFull { get; init; }

    /// <summary>Why a log could not grow, with <see cref="LogFillStage.GrowthFailed"/>.</summary>
    public Exception? GrowthFailure { get; init; }
}
