using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>Writes that are left lying until their thread works them off.</summary>
public sealed class BatchTests
{
    private const int Block = 4096;

    [Fact]
    public async Task The_writes_of_a_batch_are_one_commit_group_on_the_thread_that_works_it_off()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [Disk.LogOf(20)]);
        var origin = Assert.IsAssignableFrom<IBatchingDevice>(disk.Origin);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        var flushes = disk.Logs[0].Flushes;
        origin.IsBatching = true;
        var writes = Enumerable.Range(0, 10).Select(i => origin.WriteAsync(i * 2 * Block, new byte[Block]).AsTask()).ToList();
        Assert.All(writes, write => Assert.False(write.IsCompleted));
        Assert.Equal(flushes, disk.Logs[0].Flushes);
        Assert.Equal(frozen, disk.Source.Content);

        // On a thread without a context of the test's: with one, nobody goes on on the thread that lets him.
        await Task.Run(() =>
        {
            origin.WorkOff();
            Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        });

        Assert.Equal(1, disk.Device.GetStatistics().CommitGroups);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(new byte[Block], disk.Source.Content[(i * 2 * Block)..(((i * 2) + 1) * Block)]));
    }

    [Fact]
    public async Task What_lies_there_is_worked_off_with_the_next_write_of_anyone_else()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [Disk.LogOf(20)]);
        var origin = (IBatchingDevice)disk.Origin;
        await disk.Device.StartSnapshotAsync("s");
        origin.IsBatching = true;
        var lying = origin.WriteAsync(0, new byte[Block]).AsTask();
        await using var other = disk.Device.OpenOrigin();
        await other.WriteAsync(0, new byte[] { 1 });
        await other.WriteAsync(Block, new byte[Block]);
        await lying;
    }

    [Fact]
    public async Task A_write_that_a_start_held_back_is_not_left_lying_by_a_batch_that_is_over()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [Disk.LogOf(20)]);
        var origin = (IBatchingDevice)disk.Origin;
        await disk.Device.StartSnapshotAsync("s");
        origin.IsBatching = true;
        var (held, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var flushes = 0;
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation != "flush" || ++flushes < 2)
                return; // the first one is before the gate is closed
            held.TrySetResult();
            mayGoOn.Task.Wait();
        };
        var start = Task.Run(() => disk.Device.StartSnapshotAsync("t"));
        await held.Task;
        var write = origin.WriteAsync(0, new byte[Block]).AsTask();
        origin.WorkOff();
        Assert.False(write.IsCompleted);
        disk.Source.Fault = null;
        mayGoOn.SetResult();
        await start;
        await write;
    }

    [Fact]
    public async Task A_writer_who_goes_on_and_never_comes_back_holds_up_nobody()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [Disk.LogOf(20)]);
        await disk.Device.StartSnapshotAsync("s");
        using var mayEnd = new ManualResetEventSlim();
        var reached = new TaskCompletionSource();
        var stubborn = Task.Run(async () =>
        {
            await disk.Origin.WriteAsync(0, new byte[Block]).ConfigureAwait(false);
            reached.SetResult();
            mayEnd.Wait(); // on the thread that completed the write
        });
        await reached.Task;
        await using var other = disk.Device.OpenOrigin();
        for (var block = 1; block < 50; block++)
            await other.WriteAsync(block * Block, new byte[Block]);
        mayEnd.Set();
        await stubborn;
    }
}
