namespace SnapBackup.Engine.Tests.Reclaiming;

/// <summary>Readers and writers while versions are moved: reads stay exact, and nobody waits for more than a commit group.</summary>
public sealed class CompactionConcurrencyTests
{
    [Fact]
    public async Task A_segment_is_not_used_again_before_those_have_left_who_found_something_in_it()
    {
        await using var nights = await Nights.CreateAsync();
        var frozen = nights.Frozen["first"];
        await nights.PassAsync(21);
        await nights.Device.Core.Compactor.Idle;

        using var arrived = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        var victim = nights.Device.Core.History.Epochs.Single(epoch => epoch.Number == 7).Index.Entries.First(entry => entry.Key == Nights.ColdOffset(4) / 4096).Value.Offset;
        var reader = 0;
        nights.Disk.Logs[0].Fault = (operation, offset, length) =>
        {
            // A block that a reader has found; compaction, which reads it too, comes later.
            if (operation == "read" && offset == victim && Interlocked.Exchange(ref reader, 1) == 0)
            {
                arrived.Release();
                goOn.Wait();
            }
        };
        var read = Task.Run(async () =>
        {
            await using var open = nights.Device.GetSnapshot("first").Open();
            return await open.ReadAsync(Nights.ColdOffset(4), 4096);
        });
        await arrived.WaitAsync(TestContext.Current.CancellationToken);

        for (var night = 0; night < 20; night++)
        {
            nights.Frozen.Remove($"night{night}");
            await nights.Device.EndSnapshotAsync($"night{night}", cancellationToken: TestContext.Current.CancellationToken);
        }

        var log = nights.Device.Core.Logs.Logs[0];
        while (!nights.Device.Core.Compactor.Idle.IsCompleted && log.SegmentAt(victim) is not { IsPinned: true, LiveRecords: 0 })
            await Task.Yield();
        Assert.False(nights.Device.Core.Compactor.Idle.IsCompleted);
        var used = nights.Device.GetStatistics().LogUsed;
        var segment = log.SegmentAt(victim);
        await nights.WriteAsync(); // writers go on
        Assert.Same(segment, log.SegmentAt(victim));
        Assert.False(read.IsCompleted);
        goOn.Set();
        Assert.Equal(frozen[Nights.ColdOffset(4)..(Nights.ColdOffset(4) + 4096)], await read);
        await nights.Device.Core.Compactor.Idle;
        Assert.True(nights.Device.GetStatistics().LogUsed < used);
        await nights.ExpectSoundAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Under_readers_and_writers_and_checks_every_snapshot_stays_exact(int seed)
    {
        await using var nights = await Nights.CreateAsync([Disk.LogOf(40), Disk.LogOf(40)], new DeviceSettings { ChangeGranularity = 8192, Allocation = LogAllocation.Striped });
        foreach (var log in nights.Disk.Logs)
            log.Fault = (_, _, _) => Thread.Yield();
        using var stop = new CancellationTokenSource();
        var first = nights.Frozen["first"];
        var readers = Enumerable.Range(0, 2).Select(reader => Task.Run(() => ReadAsync(nights.Device, first, (seed * 10) + reader, stop.Token))).ToList();
        var checks = Task.Run(() => CheckAsync(nights.Device, stop.Token));
        var random = new Random(seed);
        for (var night = 0; night < 60; night++)
        {
            await nights.PassAsync();
            var kept = nights.Frozen.Keys.Where(name => name != "first").ToList();
            while (kept.Count > 3)
            {
                var name = kept[random.Next(kept.Count)];
                kept.Remove(name);
                nights.Frozen.Remove(name);
                await nights.Device.EndSnapshotAsync(name, keepChanges: random.Next(8) == 0, TestContext.Current.CancellationToken);
            }

            if (nights.Device.Bookmarks.Count > 2)
                await nights.Device.ForgetBookmarkAsync(nights.Device.Bookmarks[random.Next(2)].Name, TestContext.Current.CancellationToken);
            if (random.Next(10) == 0)
                await nights.Device.RollBackAsync(kept[^1], force: true, cancellationToken: TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers.Append(checks));
        Assert.True(nights.Device.GetStatistics().BytesCompacted > 0);
        await nights.ExpectSoundAsync();
        await nights.Device.Core.Compactor.Idle;
        await using (var crashed = nights.Over(await nights.Disk.OpenAfterCrashAsync()))
            await crashed.ExpectSoundAsync();
        await nights.Disk.ReopenAsync();
        await nights.ExpectSoundAsync();
    }

    private static async Task ReadAsync(SnapDevice device, byte[] frozen, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        await using var open = device.GetSnapshot("first").Open();
        while (!stop.IsCancellationRequested)
        {
            var offset = random.Next(Nights.Size - 20_000);
            var length = random.Next(1, 20_000);
            Assert.Equal(frozen[offset..(offset + length)], await open.ReadAsync(offset, length));
        }
    }

    private static async Task CheckAsync(SnapDevice device, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            Assert.Empty((await device.CheckAsync(cancellationToken: CancellationToken.None)).Findings.Select(finding => $"{finding.Kind}: {finding.Message}"));
    }
}
