namespace SnapBackup.Engine.Tests.Rollback;

/// <summary>The power is cut at every moment of a rollback: the source is as before, or as the snapshot, and all snapshots are exact.</summary>
public sealed class RollbackCrashTests
{
    [Fact]
    public async Task A_crash_at_any_moment_leaves_the_source_as_it_was_or_rolled_back_and_every_snapshot_exact()
    {
        await using var scene = await Scene.CreateAsync();
        var (before, rolledBack) = (0, 0);
        var cuts = new PowerCuts([scene.Disk.Source, .. scene.Disk.Logs], async left =>
        {
            await using var again = scene.Over(await scene.Disk.OpenAsync(left[0], left[1..]));
            Assert.Null(again.Device.IncompleteRollback);
            await again.ExpectExactAsync();
            if (again.Disk.Source.Content.AsSpan().SequenceEqual(scene.Frozen["s"]))
                rolledBack++;
            else if (again.Disk.Source.Content.AsSpan().SequenceEqual(scene.Before))
                before++;
            else
                Assert.Fail("the source is a mix");
            await again.Disk.FillAsync(0, Scene.Size, 9);
            await again.ExpectExactAsync();
        });
        await scene.RollBackAsync();
        cuts.Stop();
        Assert.True(before > 0 && rolledBack > before && cuts.Count > 30, $"{before} as before, {rolledBack} rolled back, {cuts.Count} in all");
    }

    [Fact]
    public async Task A_crash_while_a_crash_is_recovered_from_is_recovered_from()
    {
        await using var scene = await Scene.CreateAsync();
        FailSecondWrite(scene);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "source", () => scene.RollBackAsync());
        var source = new MemoryBlockDevice("source", scene.Disk.Source.Content.ToArray());
        var logs = scene.Disk.Logs.Select(log => new MemoryBlockDevice(log.Name, log.Content.ToArray())).ToArray();
        var cuts = new PowerCuts([source, .. logs], async left =>
        {
            await using var again = scene.Over(await scene.Disk.OpenAsync(left[0], left[1..]));
            Assert.Equal(scene.Frozen["s"], again.Disk.Source.Content);
            await again.ExpectExactAsync();
        });
        await using var device = await SnapDevice.OpenAsync("snap0", source, logs, new DeviceSettings());
        cuts.Stop();
        Assert.Equal(scene.Frozen["s"], source.Content);
        Assert.True(cuts.Count > 20, $"{cuts.Count} cuts");
    }

    [Fact]
    public async Task A_crash_while_another_snapshot_is_rolled_back_to_instead_is_recovered_from()
    {
        await using var scene = await Scene.CreateAsync();
        FailSecondWrite(scene);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "source", () => scene.RollBackAsync());
        scene.Disk.Source.Fault = null;
        var cuts = new PowerCuts([scene.Disk.Source, .. scene.Disk.Logs], async left =>
        {
            await using var again = scene.Over(await scene.Disk.OpenAsync(left[0], left[1..]));
            Assert.Contains(new[] { "s", "newer" }, name => again.Disk.Source.Content.AsSpan().SequenceEqual(scene.Frozen[name]));
            await again.ExpectExactAsync();
        });
        await scene.RollBackAsync("newer");
        cuts.Stop();
        Assert.Equal(scene.Frozen["newer"], scene.Disk.Source.Content);
        Assert.True(cuts.Count > 30, $"{cuts.Count} cuts");
    }

    [Fact]
    public async Task What_is_written_after_a_rollback_is_not_undone_by_a_crash()
    {
        await using var scene = await Scene.CreateAsync();
        await scene.RollBackAsync();
        var model = scene.Frozen["s"].ToArray();
        var cuts = new PowerCuts([scene.Disk.Source, .. scene.Disk.Logs], async left =>
        {
            await using var again = scene.Over(await scene.Disk.OpenAsync(left[0], left[1..]));
            Assert.Equal(model[..50_000], again.Disk.Source.Content[..50_000]);
            await again.ExpectExactAsync();
        });
        for (var i = 0; i < 5; i++)
        {
            await scene.Disk.FillAsync(50_000 + (i * 20_000), 15_000, (byte)i);
            await scene.Disk.Origin.FlushAsync();
        }

        cuts.Stop();
        Assert.True(cuts.Count > 30, $"{cuts.Count} cuts");
    }

    private static void FailSecondWrite(Scene scene)
    {
        var writes = 0;
        scene.Disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "write" && ++writes >= 2)
                throw Errors.BadMedium("source");
        };
    }
}
