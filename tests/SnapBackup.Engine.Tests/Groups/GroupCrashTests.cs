using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Groups;

/// <summary>After a crash at any moment of a group's start all devices have the snapshot, or none has.</summary>
public sealed class GroupCrashTests
{
    [Fact]
    public async Task A_crash_at_any_moment_leaves_the_snapshot_on_all_devices_or_on_none()
    {
        await using var set = await DiskSet.CreateAsync(3);
        var (kept, gone, undecided) = (0, 0, 0);
        byte[][] frozen = [];
        var cuts = new PowerCuts(set.Disks, async left =>
        {
            await using var again = await DiskSet.OpenAsync(left);
            // Two devices first, then the third: what the two cannot tell stays undecided until then.
            await SnapDeviceGroup.ResolveAsync([.. again.Devices.Skip(1)]);
            foreach (var snapshot in again.Devices.SelectMany(device => device.Snapshots).Where(snapshot => snapshot.IsUnconfirmed))
            {
                undecided++;
                await ExpectUnconfirmedAsync(snapshot);
            }

            await SnapDeviceGroup.ResolveAsync(again.Devices);
            var snapshots = again.Devices.SelectMany(device => device.Snapshots).ToList();
            Assert.True(snapshots.Count is 0 or 3, $"{snapshots.Count} of 3 devices have it");
            for (var i = 0; i < snapshots.Count; i++)
            {
                Assert.False(snapshots[i].IsUnconfirmed);
                Assert.Equal(frozen[2 * i], await snapshots[i].ReadAllAsync());
                await again.Devices[i].OpenOrigin().WriteAsync(0, new byte[50_000]);
                Assert.Equal(frozen[2 * i], await snapshots[i].ReadAllAsync());
            }

            kept += snapshots.Count / 3;
            gone += snapshots.Count == 0 ? 1 : 0;
            await ExpectSameAfterReopeningAsync(again, snapshots.Count);
        });
        // When the sources have been flushed early, something is written that only the flush at the instant itself makes durable.
        await using var origin = set.Devices[0].OpenOrigin();
        Watch(set.SourceOf(2), () => origin.WriteAsync(5000, new byte[] { 1, 2, 3 }).AsTask());
        Watch(set.LogOf(0), () => Task.FromResult(frozen = set.Copy()));
        await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s");
        cuts.Stop();
        Assert.True(kept > 0 && gone > 0 && undecided > 0, $"kept {kept} times, gone {gone} times, undecided {undecided} times");
    }

    [Fact]
    public async Task A_crash_while_a_failed_start_is_undone_leaves_the_snapshot_on_all_devices_or_on_none()
    {
        await using var set = await DiskSet.CreateAsync(3);
        var confirmed = 0;
        var counts = new List<int>();
        var cuts = new PowerCuts(set.Disks, async left =>
        {
            // Once the third has it in writing that its only log failed, it is not opened again.
            await using var again = await DiskSet.OpenWhatOpensAsync(left);
            await SnapDeviceGroup.ResolveAsync(again.Devices);
            var snapshots = again.Devices.SelectMany(device => device.Snapshots).ToList();
            var count = snapshots.Count(snapshot => !snapshot.IsUnconfirmed);
            Assert.True(count == 0 || count == again.Devices.Count, $"{count} of {again.Devices.Count} devices have it");
            Assert.True(count == snapshots.Count || again.Devices.Count < 3, "all devices are open and it is not decided");
            counts.Add(count);
        });
        var cut = set.LogOf(2).Fault;
        set.LogOf(2).Fault = (operation, offset, length) =>
        {
            cut!(operation, offset, length);
            if (operation == "flush" && ++confirmed >= 2)
                throw Errors.BadMedium("log2");
        };
        await Errors.ExpectAsync(EngineError.GroupStartFailed, "d2", () => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"));
        cuts.Stop();
        Assert.Contains(0, counts);
        Assert.Contains(3, counts);
    }

    [Fact]
    public async Task A_snapshot_that_is_not_confirmed_can_be_ended_which_ends_those_of_the_other_devices_when_they_meet()
    {
        await using var set = await UnconfirmedAsync();
        await ExpectUnconfirmedAsync(set.Devices[0].GetSnapshot("s"));
        await Errors.ExpectAsync(EngineError.GroupUnconfirmed, "group", () => set.Devices[0].RollBackAsync("s"));
        await set.Devices[0].EndSnapshotAsync("s");
        await SnapDeviceGroup.ResolveAsync(set.Devices);
        Assert.All(set.Devices, device => Assert.Empty(device.Snapshots));
    }

    [Fact]
    public async Task A_bookmark_of_one_that_is_not_confirmed_stays_and_the_other_devices_end_theirs()
    {
        await using var set = await UnconfirmedAsync();
        await set.Devices[0].EndSnapshotAsync("s", keepChanges: true);
        await SnapDeviceGroup.ResolveAsync(set.Devices);
        Assert.Single(set.Devices[0].Bookmarks);
        Assert.Empty(set.Devices[1].Snapshots);
    }

    [Fact]
    public async Task While_it_is_not_confirmed_everything_is_preserved_for_it()
    {
        await using var set = await UnconfirmedAsync();
        var frozen = set.Copy();
        foreach (var device in set.Devices)
            await device.OpenOrigin().WriteAsync(0, new byte[50_000]);
        await using var again = await DiskSet.OpenAsync(set.Copy());
        await SnapDeviceGroup.ResolveAsync(again.Devices);
        for (var i = 0; i < 2; i++)
            Assert.Equal(frozen[2 * i], await again.Devices[i].GetSnapshot("s").ReadAllAsync());
    }

    [Fact]
    public async Task A_device_that_ended_a_confirmed_one_but_kept_its_changes_still_tells_the_others_that_it_was_confirmed()
    {
        await using var set = await UnconfirmedAsync();
        await SnapDeviceGroup.ResolveAsync([set.Devices[0]]);
        Assert.True(set.Devices[0].GetSnapshot("s").IsUnconfirmed, "one device alone cannot tell");
        await using var confirmed = await DiskSet.OpenAsync(set.Copy());
        await SnapDeviceGroup.ResolveAsync(confirmed.Devices);
        await confirmed.Devices[0].EndSnapshotAsync("s", keepChanges: true);
        await using var mixed = await DiskSet.OpenAsync([.. confirmed.Copy()[..2], .. set.Copy()[2..]]);
        await SnapDeviceGroup.ResolveAsync(mixed.Devices);
        Assert.False(mixed.Devices[1].GetSnapshot("s").IsUnconfirmed);
    }

    [Fact]
    public async Task One_whose_log_was_damaged_counts_as_there_and_stays_broken()
    {
        await using var set = await UnconfirmedAsync();
        foreach (var device in set.Devices)
        {
            await device.OpenOrigin().WriteAsync(0, new byte[50_000]);
            await device.StartSnapshotAsync("later"); // writes down what is on the log
        }

        set.LogOf(0).Content.AsSpan((int)LogLayout.SegmentsOffset, 64 << 10).Clear();
        await using var again = await DiskSet.OpenAsync(set.Copy());
        await SnapDeviceGroup.ResolveAsync(again.Devices);
        Assert.Equal(SnapshotState.Broken, again.Devices[0].GetSnapshot("s").State);
        await again.Devices[1].GetSnapshot("s").ReadAllAsync();
    }

    [Fact]
    public async Task A_device_whose_rollback_is_not_finished_ends_its_own_later()
    {
        await using var set = await UnconfirmedAsync(alsoHas: "target");
        var device = set.Devices[1];
        await device.OpenOrigin().WriteAsync(0, new byte[10]);
        set.SourceOf(1).Fault = (operation, _, _) =>
        {
            if (operation == "write")
                throw Errors.BadMedium("source1");
        };
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "target", () => device.RollBackAsync("target", force: true));
        await set.Devices[0].EndSnapshotAsync("s");
        await SnapDeviceGroup.ResolveAsync(set.Devices);
        Assert.True(device.GetSnapshot("s").IsUnconfirmed);
        set.SourceOf(1).Fault = null;
        await device.RollBackAsync("target");
        await SnapDeviceGroup.ResolveAsync(set.Devices);
        Assert.Null(device.FindSnapshot("s"));
    }

    /// <summary>Two devices that crashed when both had stored the snapshot and none had confirmed it.</summary>
    private static async Task<DiskSet> UnconfirmedAsync(string? alsoHas = null)
    {
        await using var set = await DiskSet.CreateAsync(2);
        foreach (var device in set.Devices)
        {
            if (alsoHas is not null)
                await device.StartSnapshotAsync(alsoHas);
        }

        // The catalog of one log after the other is stored with a flush, and then that of one after the other confirmed.
        byte[][]? stored = null;
        var flushes = 0;
        foreach (var log in new[] { set.LogOf(0), set.LogOf(1) })
        {
            log.Fault = (operation, _, _) =>
            {
                flushes += operation == "flush" ? 1 : 0;
                if (operation == "flush" && flushes == 2)
                    stored = set.Copy();
            };
        }

        await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s");
        var again = await DiskSet.OpenAsync(stored!);
        Assert.All(again.Devices, device => Assert.True(device.GetSnapshot("s").IsUnconfirmed));
        return again;
    }

    /// <summary>Does something before the first request of a disk, and then what was to be done before each.</summary>
    private static void Watch(MemoryBlockDevice disk, Func<Task> first)
    {
        var each = disk.Fault;
        var met = 0;
        disk.Fault = (operation, offset, length) =>
        {
            if (Interlocked.Increment(ref met) == 1)
                Task.Run(first).GetAwaiter().GetResult();
            each!(operation, offset, length);
        };
    }

    private static async Task ExpectUnconfirmedAsync(Snapshot snapshot)
    {
        var error = await Errors.ExpectAsync(EngineError.GroupUnconfirmed, snapshot.FullName, () => Task.FromResult(snapshot.Open()));
        Assert.Contains(snapshot.Group.ToString(), error.Message, StringComparison.Ordinal);
    }

    private static async Task ExpectSameAfterReopeningAsync(DiskSet set, int expected)
    {
        await using var again = await DiskSet.OpenAsync(set.Copy());
        Assert.Equal(expected, again.Devices.SelectMany(device => device.Snapshots).Count(snapshot => !snapshot.IsUnconfirmed));
        Assert.Equal(expected, again.Devices.SelectMany(device => device.Snapshots).Count());
    }
}
