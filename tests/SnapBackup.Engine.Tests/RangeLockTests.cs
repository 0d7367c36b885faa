using SnapBackup.Engine.Overlay;

namespace SnapBackup.Engine.Tests;

/// <summary>Ranges that conflict are held one after the other, others at the same time, and nobody is overtaken for ever.</summary>
public sealed class RangeLockTests
{
    [Fact]
    public async Task Writers_of_different_ranges_and_readers_of_one_are_inside_together()
    {
        var ranges = new RangeLock();
        Assert.True(ranges.EnterAsync(0, 9, isShared: false, CancellationToken.None).IsCompleted);
        Assert.True(ranges.EnterAsync(10, 19, isShared: false, CancellationToken.None).IsCompleted);
        var reader = await ranges.EnterAsync(20, 29, isShared: true, CancellationToken.None);
        Assert.True(ranges.EnterAsync(25, 35, isShared: true, CancellationToken.None).IsCompleted);
        ranges.Leave(reader);
        Assert.False(ranges.EnterAsync(9, 10, isShared: true, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task A_writer_waits_for_readers_and_later_readers_for_the_writer()
    {
        var ranges = new RangeLock();
        var reader = await ranges.EnterAsync(0, 9, isShared: true, CancellationToken.None);
        var writer = ranges.EnterAsync(5, 5, isShared: false, CancellationToken.None).AsTask();
        var later = ranges.EnterAsync(0, 5, isShared: true, CancellationToken.None).AsTask();
        var beside = ranges.EnterAsync(0, 4, isShared: true, CancellationToken.None);
        Assert.True(beside.IsCompleted);
        Assert.False(writer.IsCompleted || later.IsCompleted);
        ranges.Leave(reader);
        var held = await writer;
        Assert.False(later.IsCompleted);
        ranges.Leave(held);
        await later;
    }

    [Fact]
    public async Task Who_gives_up_waiting_holds_nobody_up()
    {
        var ranges = new RangeLock();
        var reader = await ranges.EnterAsync(0, 9, isShared: true, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var writer = ranges.EnterAsync(0, 9, isShared: false, cancellation.Token).AsTask();
        var later = ranges.EnterAsync(0, 9, isShared: true, CancellationToken.None).AsTask();
        Assert.False(later.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer);
        await later;
        ranges.Leave(reader);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await ranges.EnterAsync(50, 50, isShared: true, cancellation.Token));
        Assert.False(ranges.EnterAsync(0, 0, isShared: false, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Nothing_is_written_by_two_or_read_while_it_is_written()
    {
        const int Places = 20;
        var ranges = new RangeLock();
        var inside = new int[Places];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var random = new Random(i);
            for (var round = 0; round < 2000; round++)
            {
                var first = random.Next(Places);
                var last = random.Next(first, Math.Min(Places, first + 5));
                var isShared = random.Next(2) == 0;
                var range = await ranges.EnterAsync(first, last, isShared, CancellationToken.None);
                for (var place = first; place <= last; place++)
                {
                    var now = Interlocked.Add(ref inside[place], isShared ? 1 : 1000);
                    Assert.True(isShared ? now < 1000 : now == 1000, $"{now} at {place}");
                }

                await Task.Yield();
                for (var place = first; place <= last; place++)
                    Interlocked.Add(ref inside[place], isShared ? -1 : -1000);
                ranges.Leave(range);
            }
        })));
    }
}
