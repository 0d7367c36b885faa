using System.Threading.Channels;

namespace SnapBackup.Nbd.Tests;

/// <summary>Time that passes when the test says so: every timer that was set fires at once.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly Channel<TimeSpan> _timersSet = Channel.CreateUnbounded<TimeSpan>();
    private readonly List<Timer> _timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (_lock)
            _timers.Add(timer);
        _timersSet.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until a timer of this length was set; timers of other lengths set before it are forgotten.</summary>
    public async Task WaitForTimerAsync(TimeSpan dueTime)
    {
        while (await _timersSet.Reader.ReadAsync(TestContext.Current.CancellationToken) != dueTime)
            continue;
    }

    public void LetTimeoutsPass()
    {
        Timer[] timers;
        lock (_lock)
            timers = [.. _timers];
        foreach (var timer in timers)
            timer.Fire();
    }

    private sealed class Timer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (owner._lock)
                owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
