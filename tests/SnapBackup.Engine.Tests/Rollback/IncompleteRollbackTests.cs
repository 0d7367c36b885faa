using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Rollback;

/// <summary>A rollback that fails half-way keeps the origin closed until it is finished or abandoned; every snapshot can be read.</summary>
public sealed class IncompleteRollbackTests
{
    [Theory]
    [InlineData("source", "write", 1)]
    [InlineData("source", "write", 2)]
    [InlineData("source", "zero", 1)]
    [InlineData("source", "flush", 1)]
    public async Task After_a_failure_the_origin_is_closed_and_calling_again_finishes(string device, string operation, int nth)
    {
        await using var scene = await Scene.CreateAsync();
        FailFrom(scene, device, operation, nth);
        var error = await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.RollBackAsync());
        Assert.IsType<BlockDeviceException>(error.InnerException);
        Assert.Contains(device, error.Message, StringComparison.Ordinal);
        await ExpectClosedAsync(scene);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, device, () => scene.RollBackAsync());
        await ExpectClosedAsync(scene);

        Heal(scene);
        await scene.ExpectExactAsync();
        await scene.RollBackAsync();
        await ExpectRolledBackAsync(scene);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_any_more_once_the_source_is_written_is_such_a_failure_too()
    {
        await using var scene = await Scene.CreateAsync();
        scene.Disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "write")
                FailFrom(scene, "log0", "read", 1);
        };
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "log0", () => scene.RollBackAsync());
        await ExpectClosedAsync(scene);
        Heal(scene);
        await scene.RollBackAsync();
        await ExpectRolledBackAsync(scene);
    }

    [Fact]
    public async Task It_can_be_finished_by_opening_the_device_again()
    {
        await using var scene = await HalfRolledBackAsync();
        await scene.Disk.ReopenAsync();
        await ExpectRolledBackAsync(scene);
    }

    [Fact]
    public async Task Requests_that_waited_are_told_and_those_that_come_after_it_is_finished_are_served()
    {
        await using var scene = await Scene.CreateAsync();
        Task? waiting = null;
        scene.Disk.Source.Fault = (operation, _, _) =>
        {
            if (operation is not ("write" or "zero"))
                return;
            waiting ??= Task.WhenAll(scene.Disk.FillAsync(0, 10, 1), scene.Disk.Origin.ReadAsync(0, 10), scene.Disk.Origin.FlushAsync().AsTask());
            throw Errors.BadMedium("source");
        };
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "source", () => scene.RollBackAsync());
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "snap0", () => waiting!);
        Heal(scene);
        await scene.RollBackAsync();
        await scene.Disk.FillAsync(0, 10, 1);
        Assert.Equal(1, (await scene.Disk.Origin.ReadAsync(0, 10))[9]);
    }

    [Fact]
    public async Task While_it_is_not_finished_nothing_is_started_ended_or_forgotten()
    {
        await using var scene = await HalfRolledBackAsync();
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Device.StartSnapshotAsync("next"));
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Device.EndSnapshotAsync("s"));
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Device.EndSnapshotAsync("newer", keepChanges: true));
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Device.ForgetBookmarkAsync("bookmark"));
        await scene.RollBackAsync();
        await ExpectRolledBackAsync(scene);
    }

    [Theory]
    [InlineData("older")]
    [InlineData("newer")]
    public async Task Another_snapshot_can_be_rolled_back_to_instead(string name)
    {
        await using var scene = await HalfRolledBackAsync();
        await scene.RollBackAsync(name);
        Assert.Equal(scene.Frozen[name], scene.Disk.Source.Content);
        await scene.ExpectExactAsync();
        await scene.Disk.FillAsync(0, Scene.Size, 9);
        await scene.ExpectExactAsync();
    }

    [Fact]
    public async Task It_can_be_abandoned_and_the_snapshots_stay_exact()
    {
        await using var scene = await HalfRolledBackAsync();
        await scene.Device.AbandonRollbackAsync();
        Assert.Null(scene.Device.IncompleteRollback);
        Assert.NotEqual(scene.Frozen["s"], scene.Disk.Source.Content);
        await scene.ExpectExactAsync();
        await scene.Disk.FillAsync(0, Scene.Size, 9);
        await scene.ExpectExactAsync();
        await scene.Disk.ReopenAsync();
        Assert.Equal(9, (await scene.Disk.Origin.ReadAsync(0, 1))[0]);
    }

    [Fact]
    public async Task Abandoning_when_there_is_none_does_nothing()
    {
        await using var scene = await Scene.CreateAsync();
        await scene.Device.AbandonRollbackAsync();
        await scene.Disk.FillAsync(0, 10, 1);
    }

    [Fact]
    public async Task Tear_down_must_be_forced_and_then_forgets_it()
    {
        await using var scene = await HalfRolledBackAsync();
        await scene.Disk.Origin.DisposeAsync();
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Device.TearDownAsync());
        await scene.Device.TearDownAsync(force: true);
        await using var device = await SnapDevice.SetUpAsync("snap0", scene.Disk.Source, scene.Disk.Logs, new DeviceSettings());
        Assert.Null(device.IncompleteRollback);
        device.OpenOrigin();
    }

    [Fact]
    public async Task A_note_that_it_is_over_which_no_log_takes_keeps_the_origin_closed_so_that_nothing_is_undone_later()
    {
        await using var scene = await Scene.CreateAsync([1 << 20]);
        var log = scene.Disk.Logs[0];
        scene.Disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "flush")
                log.Fault = (met, _, _) => ThrowIf(met == "write", "log0");
        };
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "log0", () => scene.RollBackAsync());
        Assert.Equal(scene.Frozen["s"], scene.Disk.Source.Content);
        await ExpectClosedAsync(scene);
        Heal(scene);
        await using var again = scene.Over(await scene.Disk.OpenAfterCrashAsync());
        Assert.Equal(scene.Frozen["s"], again.Disk.Source.Content);
    }

    [Fact]
    public async Task A_snapshot_that_a_crash_has_cost_leaves_the_origin_closed_and_another_can_be_rolled_back_to()
    {
        await using var scene = await HalfRolledBackAsync();
        Damage(scene, scene.Device.GetSnapshot("s").Epoch);
        await using var again = scene.Over(await scene.Disk.OpenAfterCrashAsync());
        Assert.Equal(SnapshotState.Broken, again.Device.GetSnapshot("s").State);
        Assert.Equal("s", again.Device.IncompleteRollback);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "lost what was stored", () => Task.FromResult(again.Device.OpenOrigin()));
        await Errors.ExpectAsync(EngineError.SnapshotBroken, "lost what was stored", () => again.RollBackAsync());
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => again.Device.EndSnapshotAsync("s"));
        await again.RollBackAsync("newer");
        Assert.Equal(scene.Frozen["newer"], again.Disk.Source.Content);
        again.Disk.OpenOrigin();
        await again.Disk.FillAsync(0, Scene.Size, 9);
        Assert.Equal(scene.Frozen["newer"], await again.Device.GetSnapshot("newer").ReadAllAsync());
        await again.Device.EndSnapshotAsync("s");
    }

    [Fact]
    public async Task A_snapshot_that_a_crash_has_cost_can_be_abandoned()
    {
        await using var scene = await HalfRolledBackAsync();
        var half = scene.Disk.Source.Content.ToArray();
        Damage(scene, scene.Device.GetSnapshot("s").Epoch);
        await using var again = scene.Over(await scene.Disk.OpenAfterCrashAsync());
        await again.Device.AbandonRollbackAsync();
        again.Disk.OpenOrigin();
        Assert.Equal(half, await again.Disk.Origin.ReadAsync(0, Scene.Size));
        await again.Disk.ReopenAsync();
        Assert.Null(again.Device.IncompleteRollback);
    }

    [Fact]
    public async Task One_that_still_fails_when_the_device_is_opened_again_leaves_the_origin_closed_until_it_succeeds()
    {
        await using var scene = await HalfRolledBackAsync();
        FailFrom(scene, "source", "write", 1);
        await scene.Disk.ReopenAsync();
        await ExpectClosedAsync(scene);
        await scene.Disk.ReopenAsync();
        Heal(scene);
        await scene.ExpectExactAsync();
        await scene.RollBackAsync();
        scene.Disk.OpenOrigin();
        await ExpectRolledBackAsync(scene);
    }

    [Fact]
    public async Task On_volatile_logs_it_is_known_after_a_restart_and_cannot_be_finished()
    {
        await using var scene = await Scene.CreateAsync(settings: new DeviceSettings { Durability = LogDurability.Volatile });
        FailFrom(scene, "source", "write", 2);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "source", () => scene.RollBackAsync());
        Heal(scene);
        await using var again = await scene.Disk.OpenAfterCrashAsync();
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "volatile", () => Task.FromResult(again.Device.OpenOrigin()));
        await again.Device.AbandonRollbackAsync();
        again.Device.OpenOrigin();
    }

    [Fact]
    public async Task A_log_that_fails_meanwhile_is_left_for_another()
    {
        await using var scene = await Scene.CreateAsync();
        FailFrom(scene, "log0", "write", 2);
        await scene.RollBackAsync();
        await ExpectRolledBackAsync(scene);
        Assert.All(scene.Device.Snapshots, snapshot => Assert.Equal(SnapshotState.Active, snapshot.State));
    }

    [Fact]
    public async Task If_every_log_fails_meanwhile_other_snapshots_break_but_never_the_target()
    {
        await using var scene = await Scene.CreateAsync([1 << 20]);
        var broken = new List<string>();
        scene.Device.SnapshotBroken += (_, e) => broken.Add(e.Snapshot.Name);
        FailFrom(scene, "log0", "write", 3); // the first two are the note that it begins, in both slots
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "log0", () => scene.RollBackAsync()); // the note that it is over
        Assert.Equal(["older", "newer"], broken);
        Assert.Equal(SnapshotState.Active, scene.Device.GetSnapshot("s").State);
        Assert.Equal(scene.Frozen["s"], scene.Disk.Source.Content);
        Assert.Equal(scene.Frozen["s"], await scene.Device.GetSnapshot("s").ReadAllAsync());
    }

    private static async Task<Scene> HalfRolledBackAsync()
    {
        var scene = await Scene.CreateAsync();
        FailFrom(scene, "source", "write", 2);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "source", () => scene.RollBackAsync());
        Heal(scene);
        Assert.NotEqual(scene.Before, scene.Disk.Source.Content);
        Assert.NotEqual(scene.Frozen["s"], scene.Disk.Source.Content);
        return scene;
    }

    private static void FailFrom(Scene scene, string device, string operation, int nth)
    {
        var met = 0;
        var which = scene.Disk.Logs.Append(scene.Disk.Source).Single(disk => disk.Name == device);
        which.Fault = (asked, _, _) => ThrowIf(asked == operation && ++met >= nth, device);
    }

    private static void ThrowIf(bool fails, string device)
    {
        if (fails)
            throw Errors.BadMedium(device);
    }

    private static void Heal(Scene scene)
    {
        foreach (var device in scene.Disk.Logs.Append(scene.Disk.Source))
            device.Fault = null;
    }

    /// <summary>Overwrites the headers of an epoch's segments.</summary>
    private static void Damage(Scene scene, long epoch)
    {
        var damaged = 0;
        foreach (var log in scene.Disk.Logs)
        {
            for (var at = LogLayout.SegmentsOffset; at < log.Size; at += 64 << 10)
            {
                if (!SegmentHeader.TryRead(log.Content.AsSpan((int)at), out var header) || header.Epoch != epoch || header.Class != SegmentClass.Versions)
                    continue;
                log.Content.AsSpan((int)at, SegmentHeader.Size).Clear();
                damaged++;
            }
        }

        Assert.True(damaged > 0);
    }

    private static async Task ExpectClosedAsync(Scene scene)
    {
        Assert.Equal("s", scene.Device.IncompleteRollback);
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => Task.FromResult(scene.Device.OpenOrigin()));
        if (scene.Device.OriginOpenCount == 0)
            return;
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Disk.Origin.ReadAsync(0, 10));
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Disk.FillAsync(0, 10, 1));
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Disk.Origin.WriteZeroesAsync(0, 10).AsTask());
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Disk.Origin.FlushAsync().AsTask());
        await Errors.ExpectAsync(EngineError.RollbackIncomplete, "'s'", () => scene.Disk.Origin.GetExtentAsync(0, 10).AsTask());
    }

    private static async Task ExpectRolledBackAsync(Scene scene)
    {
        Assert.Null(scene.Device.IncompleteRollback);
        Assert.Equal(scene.Frozen["s"], scene.Disk.Source.Content);
        await scene.ExpectExactAsync();
        await scene.Disk.FillAsync(0, Scene.Size, 9);
        await scene.ExpectExactAsync();
        await scene.Device.EndSnapshotAsync("s");
    }
}
