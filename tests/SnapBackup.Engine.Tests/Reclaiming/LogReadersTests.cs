using SnapBackup.Engine.Reading;

namespace SnapBackup.Engine.Tests.Reclaiming;

public sealed class LogReadersTests
{
    private readonly LogReaders _readers = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Without_readers_nobody_waits() => _readers.WaitAsync(Cancellation);

    [Fact]
    public async Task All_who_are_inside_are_waited_for_on_whichever_side_they_are()
    {
        var one = _readers.Enter();
        var wait = _readers.WaitAsync(Cancellation);
        var other = _readers.Enter();
        Assert.NotEqual(one, other);
        using (var gaveUp = new CancellationTokenSource())
        {
            await gaveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(gaveUp.Token));
        }

        _readers.Leave(one);
        Assert.False(wait.IsCompleted);
        _readers.Leave(other);
        await wait;

        // Whoever entered on either side before the next wait is waited for by it.
        one = _readers.Enter();
        var second = _readers.WaitAsync(Cancellation);
        Assert.False(second.IsCompleted);
        _readers.Leave(one);
        await second;
    }

    [Fact]
    public async Task Who_comes_later_is_not_waited_for_once_the_earlier_ones_have_left()
    {
        var early = _readers.Enter();
        var wait = _readers.WaitAsync(Cancellation);
        _readers.Leave(early);
        await wait;
        var late = _readers.Enter();
        Assert.True(wait.IsCompletedSuccessfully);
        _readers.Leave(late);
    }

    [Fact]
    public async Task Who_gives_up_waiting_can_wait_again()
    {
        var reader = _readers.Enter();
        using var stop = new CancellationTokenSource();
        var wait = _readers.WaitAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        var again = _readers.WaitAsync(Cancellation);
        Assert.False(again.IsCompleted);
        _readers.Leave(reader);
        await again;
    }

    [Fact]
    public async Task A_place_that_was_moved_away_from_is_not_read_when_the_wait_is_over()
    {
        var places = new int[2]; // 0 means that it may be read, other than that it is gone
        var place = 0;
        using var stop = new CancellationTokenSource();
        var reads = 0L;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var side = _readers.Enter();
                var found = Volatile.Read(ref place);
                Thread.Yield();
                Assert.Equal(0, Volatile.Read(ref places[found]));
                _readers.Leave(side);
                Interlocked.Increment(ref reads);
            }
        })).ToList();
        for (var round = 0; round < 5000 || Volatile.Read(ref reads) < 5000; round++)
        {
            var old = place;
            Volatile.Write(ref place, 1 - old);
            await _readers.WaitAsync(Cancellation);
            Volatile.Write(ref places[old], 1);
            Volatile.Write(ref places[old], 0);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
