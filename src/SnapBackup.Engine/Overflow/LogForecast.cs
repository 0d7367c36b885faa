using SnapBackup.Engine.Catalogs;

namespace SnapBackup.Engine.Overflow;

/// <summary>
/// Foretells when the logs will be full, from the rate at which they fill, and tells how far it has come. A stage is told when it is
/// reached, and again only after there was more room; growing is told each time. While nothing is kept nothing fills, and nothing is foretold.
/// </summary>
internal sealed class LogForecast(OverflowOptions options, TimeProvider clock, WriterSlowdown slowdown, CatalogStore catalogs, Func<LogRoom> measure)
{
    /// <summary>What is further away than this is not in sight.</summary>
    private static readonly TimeSpan Sight = TimeSpan.FromDays(3650);

    private readonly FillRate _rate = new(clock);
    private readonly NoticeQueue _notices = new();
    private volatile LogRoom _room = measure();
    private volatile LogFillStage _stage;

    /// <summary>Called for each notice, one at a time, on a thread that nobody waits for.</summary>
    public Action<LogForecastEventArgs>? Told { get; set; }

    /// <summary>The room there was when it was last looked at.</summary>
    public LogRoom Room => _room;

    /// <summary>How far it has come. What was in sight while writes went on need not be when they have ceased.</summary>
    public LogFillStage StageNow(LogRoom room)
    {
        if (catalogs.Current.Points.IsEmpty)
            return LogFillStage.None;
        return _stage == LogFillStage.Filling ? StageAt(room) : _stage;
    }

    /// <summary>When there will be no room left at the present rate; null when that is not in sight.</summary>
    public TimeSpan? TimeUntilFull(LogRoom room)
    {
        if (!_rate.IsSettled || !catalogs.Current.IsRecording)
            return null;
        var seconds = room.Left / _rate.BytesPerSecond;
        return seconds < Sight.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>Takes note that something was appended. Under <see cref="Log.LogSet.Appending"/>.</summary>
    /// <param name="bytesWritten">The bytes that were written so far, all together.</param>
    public void NoteCommit(long bytesWritten)
    {
        _rate.Advance(bytesWritten);
        Look();
    }

    /// <summary>Looks at the logs, after they have changed. Under <see cref="Log.LogSet.Appending"/>.</summary>
    public void Look()
    {
        var room = _room = measure();
        var stage = StageAt(room);
        if (stage > _stage)
            Tell(stage);
        _stage = stage;
    }

    /// <summary>Tells that a stage was reached, unless it was told already. Under <see cref="Log.LogSet.Appending"/>.</summary>
    public void Enter(LogFillStage stage)
    {
        if (_stage != stage)
            Tell(stage);
        _stage = stage;
    }

    /// <summary>Tells of something that passes. Under <see cref="Log.LogSet.Appending"/>.</summary>
    public void Tell(LogFillStage stage, Exception? growthFailure = null)
    {
        var room = _room = measure();
        var notice = new LogForecastEventArgs
        {
            Stage = stage,
            FillFraction = room.Fill,
            BytesFree = room.Free,
            BytesGrowable = room.Growable,
            Rate = _rate.BytesPerSecond,
            TimeUntilFull = TimeUntilFull(room),
            GrowthFailure = growthFailure,
        };
        _notices.Enqueue(() => Told?.Invoke(notice));
    }

    /// <remarks>What was told once is not told again until it is well out of sight.</remarks>
    private LogFillStage StageAt(LogRoom room)
    {
        if (slowdown.ShareAt(room) > 0)
            return LogFillStage.Slowed;
        var horizon = _stage == LogFillStage.None ? options.Horizon : 2 * options.Horizon;
        return TimeUntilFull(room) < horizon ? LogFillStage.Filling : LogFillStage.None;
    }
}
