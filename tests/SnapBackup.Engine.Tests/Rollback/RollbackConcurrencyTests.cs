using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests.Rollback;

/// <summary>Readers and writers while the source is rolled back: nobody sees a mix.</summary>
public sealed class RollbackConcurrencyTests
{
    private const int Size = 400_000;

    [Fact]
    public async Task Requests_of_the_origin_wait_until_the_source_is_rolled_back()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        using var reached = new SemaphoreSlim(0);
        using var mayGoOn = new ManualResetEventSlim();
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation is not ("write" or "zero"))
                return;
            disk.Source.Fault = null;
            reached.Release();
            mayGoOn.Wait();
        };
        var rollback = Task.Run(() => disk.Device.RollBackAsync("s", force: true));
        await reached.WaitAsync();
        var read = disk.Origin.ReadAsync(0, Size);
        var write = disk.FillAsync(10, 10, 7);
        var flush = disk.Origin.FlushAsync().AsTask();
        var extent = disk.Origin.GetExtentAsync(0, Size).AsTask();
        Assert.DoesNotContain([read, write, flush, extent], request => request.IsCompleted);
        mayGoOn.Set();
        await rollback;
        await Task.WhenAll(read, write, flush, extent);
        frozen.AsSpan(10, 10).Fill(7);
        Assert.Equal(frozen, disk.Source.Content);
        Assert.Equal(frozen[20..], (await read)[20..]);
    }

    [Fact]
    public async Task Reads_of_the_origin_go_on_while_the_log_is_verified()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, Size, 1);
        var seen = (byte)0;
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "read" && seen == 0)
                seen = Task.Run(() => disk.Origin.ReadAsync(0, 1)).GetAwaiter().GetResult()[0];
        };
        await disk.Device.RollBackAsync("s", force: true);
        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task It_waits_for_a_write_in_flight_and_undoes_it()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        using var reached = new SemaphoreSlim(0);
        using var mayGoOn = new ManualResetEventSlim();
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation != "write")
                return;
            disk.Source.Fault = null;
            reached.Release();
            mayGoOn.Wait();
        };
        var write = Task.Run(() => disk.FillAsync(100, 5000, 9));
        await reached.WaitAsync();
        var rollback = disk.Device.RollBackAsync("s", force: true);
        Assert.False(rollback.IsCompleted);
        mayGoOn.Set();
        await write;
        await rollback;
        Assert.Equal(frozen, disk.Source.Content);
    }

    [Fact]
    public async Task Every_snapshot_stays_exact_for_parallel_readers_and_no_read_of_the_origin_sees_a_mix()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var disk = await Disk.CreateAsync(Size, [8 << 20]);
            disk.Source.Fault = (_, _, _) => Thread.Yield();
            disk.Logs[0].Fault = (_, _, _) => Thread.Yield();
            var states = new List<byte[]>();
            foreach (var name in new[] { "a", "b", "c" })
            {
                states.Add(disk.Source.Content.ToArray());
                await disk.Device.StartSnapshotAsync(name);
                await disk.FillAsync((round * 1000) + (states.Count * 20_000), 150_000, (byte)(round + states.Count));
            }

            states.Add(disk.Source.Content.ToArray());
            var done = false;
            var readers = Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
            {
                while (!Volatile.Read(ref done))
                {
                    Assert.Equal(states[i], await disk.Device.GetSnapshot(((char)('a' + i)).ToString()).ReadAllAsync());
                    var whole = await disk.Origin.ReadAsync(0, Size);
                    Assert.Contains(states, state => state.AsSpan().SequenceEqual(whole));
                }
            })).ToList();
            foreach (var name in new[] { "b", "a", "c", "a" })
                await disk.Device.RollBackAsync(name, force: true);
            Volatile.Write(ref done, true);
            await Task.WhenAll(readers);
            Assert.Equal(states[0], disk.Source.Content);
        }
    }

    [Fact]
    public async Task Writers_among_rollbacks_find_their_writes_done_or_undone_and_never_lost_in_between()
    {
        await using var disk = await Disk.CreateAsync(Size, [16 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        var rounds = 0;
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            bool last;
            do
            {
                last = Volatile.Read(ref rounds) == 30;
                for (var block = writer; block < 90; block += 4)
                    await disk.Origin.WriteAsync((block * 4096) + 10, new byte[] { (byte)block, 1, 2, 3 }, WriteOptions.None);
            }
            while (!last);
        })).ToList();
        for (var round = 0; round < 30; round++)
        {
            var capture = Array.Empty<byte>();
            disk.Source.Fault = (operation, _, _) =>
            {
                if (operation == "flush")
                    capture = disk.Source.Content.ToArray(); // the rollback's last act; nobody else flushes
            };
            await disk.Device.RollBackAsync("s", force: true);
            Assert.Equal(frozen, capture);
            Interlocked.Increment(ref rounds);
        }

        await Task.WhenAll(writers);
        for (var block = 0; block < 90; block++)
            Assert.Equal([(byte)block, 1, 2, 3], disk.Source.Content[((block * 4096) + 10)..((block * 4096) + 14)]);
    }
}
