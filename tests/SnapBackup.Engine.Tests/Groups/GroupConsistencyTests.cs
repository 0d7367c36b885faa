using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests.Groups;

/// <summary>One instant on all devices, seen by chains of writes that go from one to the other.</summary>
public sealed class GroupConsistencyTests
{
    private const int Chains = 6;

    [Fact]
    public async Task No_write_is_in_without_those_that_were_acknowledged_before_it_was_issued_on_other_devices()
    {
        await using var set = await DiskSet.CreateAsync(3);
        foreach (var disk in set.Disks)
            disk.Fault = (_, _, _) => Thread.Yield();
        var origins = set.Devices.Select(device => device.OpenOrigin()).ToList();
        for (var chain = 0; chain < Chains; chain++)
        {
            foreach (var origin in origins)
                await WriteAsync(origin, chain, 0);
        }

        var done = false;
        var acknowledged = new int[Chains];
        var wentOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var chains = Enumerable.Range(0, Chains).Select(chain => Task.Run(async () =>
        {
            for (var number = 1; !Volatile.Read(ref done); number++)
            {
                // Each chain goes round the devices in an order of its own.
                for (var step = 0; step < origins.Count; step++)
                    await WriteAsync(origins[(chain + step) % origins.Count], chain, number);
                Volatile.Write(ref acknowledged[chain], number);
                Interlocked.Exchange(ref wentOn, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                await Task.Yield(); // nothing here waits for anything real, and there are fewer threads than chains
            }
        })).ToList();
        var (cuts, inside) = (0, 0);
        for (var round = 0; inside < 100 && round < 5000; round++)
        {
            await LetChainsGoOnAsync();
            var before = acknowledged.Select((_, chain) => Volatile.Read(ref acknowledged[chain])).ToArray();
            var snapshots = await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s");
            var after = acknowledged.Select((_, chain) => Volatile.Read(ref acknowledged[chain])).ToArray();
            for (var chain = 0; chain < Chains; chain++)
            {
                var numbers = new List<int>();
                for (var step = 0; step < snapshots.Count; step++)
                    numbers.Add(await ReadAsync(snapshots[(chain + step) % snapshots.Count], chain));
                Assert.True(numbers[^1] >= before[chain], $"{numbers[^1]} is in, but {before[chain]} was acknowledged before the start");
                Assert.True(numbers[0] <= after[chain] + 1, $"{numbers[0]} is in, but was not issued before the start was over");
                Assert.Equal(numbers.OrderDescending(), numbers);
                Assert.True(numbers[0] - numbers[^1] <= 1, $"a chain is torn: {string.Join(", ", numbers)}");
                cuts++;
                inside += numbers[0] != numbers[^1] ? 1 : 0;
            }

            foreach (var device in set.Devices)
                await device.EndSnapshotAsync("s");
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(chains);
        Assert.True(inside > 0, $"of {cuts} cuts none fell into a chain: nothing was tried");

        Task LetChainsGoOnAsync() => Task.WhenAny([Volatile.Read(ref wentOn).Task, .. chains]);
    }

    [Fact]
    public async Task No_device_lets_a_write_through_before_the_last_one_has_stored_and_confirmed()
    {
        await using var set = await DiskSet.CreateAsync(2);
        await using var first = set.Devices[0].OpenOrigin();
        Task? write = null;
        var flushes = 0;
        set.LogOf(1).Fault = (operation, _, _) =>
        {
            if (operation != "flush")
                return;
            write ??= first.WriteAsync(0, new byte[10]).AsTask();
            Assert.False(write.IsCompleted);
            flushes++;
        };
        var frozen = set.SourceOf(0).Content.ToArray();
        var snapshots = await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s");
        set.LogOf(1).Fault = null;
        await write!;
        Assert.Equal(2, flushes);
        Assert.Equal(frozen, await snapshots[0].ReadAllAsync());
    }

    [Fact]
    public async Task A_write_in_flight_on_one_device_holds_the_instant_up_on_all()
    {
        await using var set = await DiskSet.CreateAsync(2);
        await using var slow = set.Devices[0].OpenOrigin();
        await using var other = set.Devices[1].OpenOrigin();
        using var reached = new SemaphoreSlim(0);
        using var mayGoOn = new ManualResetEventSlim();
        set.SourceOf(0).Fault = (operation, _, _) =>
        {
            if (operation != "write")
                return;
            reached.Release();
            mayGoOn.Wait();
        };
        var inFlight = Task.Run(() => slow.WriteAsync(0, new byte[] { 77 }).AsTask());
        await reached.WaitAsync();
        var start = SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s");
        Assert.False(start.IsCompleted);
        var late = other.WriteAsync(0, new byte[] { 88 }).AsTask();
        Assert.False(late.IsCompleted);
        var frozen = set.SourceOf(1).Content.ToArray();
        mayGoOn.Set();
        var snapshots = await start;
        await Task.WhenAll(inFlight, late);
        Assert.Equal(77, (await snapshots[0].ReadAllAsync())[0]);
        Assert.Equal(frozen, await snapshots[1].ReadAllAsync());
        Assert.Equal(88, set.SourceOf(1).Content[0]);
    }

    private static ValueTask WriteAsync(IBlockDevice origin, int chain, int number) => origin.WriteAsync(chain * 8192, BitConverter.GetBytes(number));

    private static async Task<int> ReadAsync(Snapshot snapshot, int chain)
    {
        await using var device = snapshot.Open();
        return BitConverter.ToInt32(await device.ReadAsync(chain * 8192, sizeof(int)));
    }
}
