namespace SnapBackup.Engine.Tests.Groups;

/// <summary>A snapshot of several devices at one instant.</summary>
public sealed class GroupStartTests
{
    [Fact]
    public async Task Every_device_gets_the_snapshot_and_all_know_their_group()
    {
        await using var set = await DiskSet.CreateAsync(3);
        var snapshots = await SnapDeviceGroup.StartSnapshotAsync([set.Devices[2], set.Devices[0], set.Devices[1]], "s");
        Assert.Equal(["d2@s", "d0@s", "d1@s"], snapshots.Select(snapshot => snapshot.FullName));
        Assert.NotEqual(Guid.Empty, snapshots[0].Group);
        Assert.Single(snapshots.Select(snapshot => snapshot.Group).Distinct());
        Assert.Equal(3, snapshots.Select(snapshot => snapshot.Id).Distinct().Count());
        Assert.DoesNotContain(snapshots, snapshot => snapshot.IsUnconfirmed);
        Assert.Equal(Guid.Empty, (await set.Devices[0].StartSnapshotAsync("alone")).Group);
    }

    [Fact]
    public async Task Each_is_exact_and_ended_for_itself_and_found_again()
    {
        await using var set = await DiskSet.CreateAsync(2);
        var frozen = set.Copy();
        var group = (await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"))[0].Group;
        foreach (var device in set.Devices)
            await device.OpenOrigin().WriteAsync(100, new byte[50_000]);
        await set.Devices[0].EndSnapshotAsync("s", keepChanges: true);
        await using var again = await DiskSet.OpenAsync(set.Copy());
        var snapshot = again.Devices[1].GetSnapshot("s");
        Assert.Equal(group, snapshot.Group);
        Assert.Equal(frozen[2], await snapshot.ReadAllAsync());
        Assert.Empty(again.Devices[0].Snapshots);
        await SnapDeviceGroup.ResolveAsync(again.Devices);
        Assert.Equal(frozen[2], await snapshot.ReadAllAsync());
    }

    [Fact]
    public async Task A_group_of_one_is_a_group()
    {
        await using var set = await DiskSet.CreateAsync(1);
        var snapshot = Assert.Single(await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"));
        Assert.NotEqual(Guid.Empty, snapshot.Group);
        Assert.Equal(set.SourceOf(0).Content, await snapshot.ReadAllAsync());
    }

    [Fact]
    public async Task What_is_no_group_is_refused()
    {
        await using var set = await DiskSet.CreateAsync(2);
        await Errors.ExpectAsync(EngineError.InvalidGroup, "no device", () => SnapDeviceGroup.StartSnapshotAsync([], "s"));
        await Errors.ExpectAsync(
            EngineError.InvalidGroup, "d1 was named more than once", () => SnapDeviceGroup.StartSnapshotAsync([set.Devices[1], set.Devices[0], set.Devices[1]], "s"));
        await Errors.ExpectAsync(EngineError.InvalidName, "a b", () => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "a b"));
        await ExpectNothingKeptAsync(set);
    }

    [Fact]
    public async Task A_device_that_cannot_take_part_is_named_and_none_starts()
    {
        await using var set = await DiskSet.CreateAsync(3);
        await set.Devices[1].StartSnapshotAsync("s");
        await Errors.ExpectAsync(EngineError.SnapshotAlreadyStarted, "d1@s", () => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"));
        await set.Devices[1].EndSnapshotAsync("s");
        await ExpectNothingKeptAsync(set);
        await set.Devices[2].TearDownAsync();
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "d2", () => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"));
        await set.Devices[0].StartSnapshotAsync("s"); // nobody holds it
    }

    [Theory]
    [InlineData(2, "flush", 1)] // the source of the second device, early
    [InlineData(2, "flush", 2)] // the same while writers are held back
    [InlineData(3, "write", 1)] // its log, storing
    [InlineData(3, "flush", 1)]
    [InlineData(3, "write", 3)] // its log, confirming
    [InlineData(3, "flush", 2)]
    public async Task A_device_that_fails_is_named_and_none_keeps_the_snapshot(int disk, string operation, int nth)
    {
        await using var set = await DiskSet.CreateAsync(3);
        var met = 0;
        set.Disks[disk].Fault = (asked, _, _) =>
        {
            if (asked == operation && ++met >= nth)
                throw Errors.BadMedium(set.Disks[disk].Name);
        };
        var error = await Errors.ExpectAsync(EngineError.GroupStartFailed, "d1 failed", () => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"));
        Assert.Contains(set.Disks[disk].Name, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        Assert.Equal(nth, Math.Min(met, nth));
        set.Disks[disk].Fault = null;
        await ExpectNothingKeptAsync(set);
        if (disk == 3 && operation == "flush")
            return; // its only log has it in writing that it failed, so that device is not opened again
        await using var again = await DiskSet.OpenAsync(set.Copy());
        await SnapDeviceGroup.ResolveAsync(again.Devices);
        await ExpectNothingKeptAsync(again);
    }

    [Fact]
    public async Task A_cancelled_start_changes_nothing()
    {
        await using var set = await DiskSet.CreateAsync(2);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s", cancel.Token));
        await ExpectNothingKeptAsync(set);
    }

    [Fact]
    public async Task A_device_whose_rollback_is_not_finished_takes_no_part()
    {
        await using var set = await DiskSet.CreateAsync(2);
        await set.Devices[0].StartSnapshotAsync("target");
        await set.Devices[0].OpenOrigin().WriteAsync(0, new byte[10]);
        set.SourceOf(0).Fault = (operation, _, _) =>
        {
            if (operation == "write")
                throw Errors.BadMedium("source0");
        };
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "target", () => set.Devices[0].RollBackAsync("target", force: true));
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "target", () => SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s"));
        Assert.Empty(set.Devices[1].Snapshots);
    }

    [Fact]
    public async Task All_sources_are_flushed_before_any_device_stores_it_and_all_have_stored_it_before_any_confirms()
    {
        await using var set = await DiskSet.CreateAsync(2);
        var order = new List<string>();
        foreach (var disk in set.Disks)
        {
            disk.Fault = (operation, _, _) =>
            {
                if (operation is "flush")
                    order.Add(disk.Name[..^1]);
            };
        }

        await SnapDeviceGroup.StartSnapshotAsync(set.Devices, "s");
        Assert.Equal(["source", "source", "source", "source", "log", "log", "log", "log"], order);
    }

    [Fact]
    public async Task Groups_and_single_starts_on_the_same_devices_never_wait_for_each_other_for_ever()
    {
        await using var set = await DiskSet.CreateAsync(4);
        var runs = Enumerable.Range(0, 6).Select(run => Task.Run(async () =>
        {
            var chance = new Random(run);
            for (var round = 0; round < 40; round++)
            {
                var devices = set.Devices.Where(_ => chance.Next(3) > 0).OrderBy(_ => chance.Next()).ToList();
                if (devices.Count == 0)
                    continue;
                var name = $"run{run}-{round}";
                if (devices.Count == 1)
                    await devices[0].StartSnapshotAsync(name);
                else
                    await SnapDeviceGroup.StartSnapshotAsync(devices, name);
                foreach (var device in devices)
                    await device.EndSnapshotAsync(name);
            }
        }));
        await Task.WhenAll(runs);
        await ExpectNothingKeptAsync(set);
    }

    private static async Task ExpectNothingKeptAsync(DiskSet set)
    {
        foreach (var device in set.Devices)
        {
            Assert.Empty(device.Snapshots);
            Assert.Empty(device.Bookmarks);
            await using var origin = device.OpenOrigin();
            await origin.WriteAsync(0, new byte[5000]);
            Assert.Equal(0, device.GetStatistics().BlocksPreserved);
        }
    }
}
