using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>A clock that moves when the test says so, and tells who waits for it and how long.</summary>
internal sealed class TestClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>Whether the clock moves at once to where somebody waits for.</summary>
    public bool Skips { get; init; }

    /// <summary>How long it was waited for, in order.</summary>
    public ChannelReader<TimeSpan> Waits => _waits.Reader;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        if (Skips)
            Advance(dueTime);
        return timer;
    }

    /// <summary>Waits until somebody waits for this clock, and lets that time pass.</summary>
    public async Task PassAsync() => Advance(await Waits.ReadAsync());
}
