using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Reclaiming;
using SnapBackup.Engine.Snapshots;

namespace SnapBackup.Engine.Overflow;

/// <summary>
/// What is done as the logs fill, one rung after the other (<see cref="OverflowOptions"/>). The next log is the affair of
/// <see cref="LogSet"/>, adding one that of <see cref="Opening.LogAddition"/>; the others are here.
/// </summary>
internal sealed class OverflowLadder : IAsyncDisposable
{
    /// <summary>How often held writers try whether a file can grow again.</summary>
    private static readonly TimeSpan GrowAgainAfter = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly LogSet _logs;
    private readonly Reclaimer _reclaimer;
    private readonly Counters _counters;
    private readonly LogGrowth _growth;
    private readonly WriterSlowdown _slowdown;
    private readonly LogForecast _forecast;
    private readonly WriterHold _hold;
    private readonly OverflowRelief _relief;
    private readonly CancellationTokenSource _letGo = new();

    public OverflowLadder(
        OverflowOptions options, TimeProvider clock, LogSet logs, CatalogStore catalogs, KeptSnapshots snapshots, Reclaimer reclaimer, Counters counters)
    {
        _clock = clock;
        _logs = logs;
        _reclaimer = reclaimer;
        _counters = counters;
        _growth = new LogGrowth(logs);
        _slowdown = new WriterSlowdown(options, clock);
        _forecast = new LogForecast(options, clock, _slowdown, catalogs, MeasureRoom);
        _hold = new WriterHold(options, clock);
        _relief = new OverflowRelief(logs, catalogs, snapshots, reclaimer);
        _growth.Grown = failure => _forecast.Tell(failure is null ? LogFillStage.Grown : LogFillStage.GrowthFailed, failure);
        logs.RoomMade = () =>
        {
            _forecast.Look();
            _hold.Wake();
        };
    }

    /// <summary>Called for each notice, one at a time, on a thread that nobody waits for.</summary>
    public Action<LogForecastEventArgs>? Told
    {
        set => _forecast.Told = value;
    }

    /// <summary>How far it has come, with the room there is. May be asked at any time.</summary>
    public LogFillStage StageNow(LogRoom room) => _forecast.StageNow(room);

    /// <inheritdoc cref="LogGrowth.Idle"/>
    public Task GrowthIdle => _growth.Idle;

    /// <summary>A time stamp of now, for those who begin to wait.</summary>
    public long Now => _clock.GetTimestamp();

    /// <summary>Completes when writers are held for want of room; at once if they are.</summary>
    public Task WritersHeld => _hold.Begun;

    /// <summary>The room there is now. May be asked at any time.</summary>
    public LogRoom MeasureRoom() => LogRoom.Of(_logs, _reclaimer.Reserve, _growth.Growable);

    /// <summary>When there will be no room left at the present rate; null when that is not in sight.</summary>
    public TimeSpan? TimeUntilFull(LogRoom room) => _forecast.TimeUntilFull(room);

    /// <summary>Delays writers as the fill of the logs asks for.</summary>
    /// <param name="since">When they began to wait.</param>
    public async ValueTask SlowAsync(long since)
    {
        if (await _slowdown.WaitAsync(_forecast.Room, since, _letGo.Token).ConfigureAwait(false))
            Interlocked.Increment(ref _counters.GroupsSlowed);
    }

    /// <summary>Takes note that a commit group was appended. Under <see cref="LogSet.Appending"/>.</summary>
    public void NoteCommit()
    {
        _growth.Advance(_reclaimer.Reserve);
        _forecast.NoteCommit(_logs.BytesWritten - Volatile.Read(ref _counters.BytesCompacted)); // what is moved fills nothing
    }

    /// <summary>
    /// Makes room where there is none, or sees to it that less must be recorded. Under <see cref="LogSet.Appending"/>.
    /// </summary>
    /// <param name="since">When the writers began to wait; null when they must not be held.</param>
    /// <returns>
    /// False when the writers are to be held: let <see cref="LogSet.Appending"/> go, <see cref="WaitForRoomAsync"/>, and try again.
    /// </returns>
    public async ValueTask<bool> TryRelieveAsync(long? since)
    {
        if (await _reclaimer.ReclaimAsync().ConfigureAwait(false))
            return true;
        if (_logs.Logs.Any(log => log.IsSound))
        {
            if (await _growth.TryGrowAsync().ConfigureAwait(false))
                return true;
            if (since is { } waiting && _hold.TryBegin(waiting))
            {
                _forecast.Enter(LogFillStage.Held);
                return false;
            }
        }

        await _relief.GiveUpOldestAsync().ConfigureAwait(false);
        _forecast.Enter(LogFillStage.Overflowed);
        return true;
    }

    /// <summary>Waits until there may be room or the time of the writers is up.</summary>
    /// <param name="since">When they began to wait.</param>
    /// <returns>Why they must be refused, because the device is let go; else null.</returns>
    public Task<EngineException?> WaitForRoomAsync(long since) =>
        _hold.WaitAsync(since, _growth.CanTry ? GrowAgainAfter : OverflowOptions.LongestHold);

    /// <summary>Everything has failed that could: nothing that is kept is to be believed from now on. Under <see cref="LogSet.Appending"/>.</summary>
    public ValueTask GiveUpAllAsync(string cause, Exception failure) => _relief.GiveUpAllAsync(cause, failure);

    /// <summary>Sees to it that writers leave the gate soon, because the device is let go: those who wait for room are refused.</summary>
    public async Task LetGoAsync(EngineException refusal)
    {
        _hold.Refuse(refusal);
        await _letGo.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Ends what runs in the background. Nothing is appended any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _growth.DisposeAsync().ConfigureAwait(false);
        _letGo.Dispose();
    }
}
