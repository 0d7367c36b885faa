using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Rollback;

/// <summary>What cannot be rolled back is refused before anything has changed.</summary>
public sealed class RollbackRefusalTests
{
    private const int Size = 300_000;

    [Fact]
    public async Task It_is_refused_while_the_origin_is_open_unless_forced()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 10, 1);
        await ExpectUnchangedAsync(disk, () => Errors.ExpectAsync(EngineError.DeviceInUse, "1 opener", () => disk.Device.RollBackAsync("s")));
        await disk.Origin.DisposeAsync();
        await disk.Device.RollBackAsync("s");
    }

    [Fact]
    public async Task An_open_snapshot_is_no_hindrance()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var open = snapshot.Open();
        await disk.FillAsync(0, Size, 1);
        await disk.Origin.DisposeAsync();
        await disk.Device.RollBackAsync("s");
        Assert.Equal(frozen, await open.ReadAsync(0, Size));
        Assert.Equal(1, snapshot.OpenCount);
    }

    [Fact]
    public async Task A_snapshot_that_is_not_kept_any_more_is_refused()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [136 << 10]);
        await disk.Device.StartSnapshotAsync("broken");
        await disk.FillAsync(0, 1 << 20, 1);
        await disk.Device.StartSnapshotAsync("ended");
        await disk.Device.EndSnapshotAsync("ended", keepChanges: true);
        await ExpectUnchangedAsync(disk, async () =>
        {
            await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => disk.Device.RollBackAsync("broken", force: true));
            await Errors.ExpectAsync(EngineError.SnapshotNotStarted, "'ended'", () => disk.Device.RollBackAsync("ended", force: true));
            await Errors.ExpectAsync(EngineError.SnapshotNotStarted, "'nothing'", () => disk.Device.RollBackAsync("nothing", force: true));
        });
    }

    [Fact]
    public async Task A_read_only_source_is_refused()
    {
        var source = new MemoryBlockDevice("source", Size) { IsReadOnly = true };
        await using var device = await SnapDevice.SetUpAsync("snap0", source, [new MemoryBlockDevice("log", 1 << 20)], new DeviceSettings());
        await device.StartSnapshotAsync("s");
        await Errors.ExpectAsync(BlockDeviceError.ReadOnly, "source", () => device.RollBackAsync("s"));
    }

    [Fact]
    public async Task A_torn_down_device_is_refused()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.TearDownAsync(force: true);
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.RollBackAsync("s"));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => disk.Device.AbandonRollbackAsync());
    }

    [Fact]
    public async Task Preserved_data_that_have_rotted_are_found_before_the_first_write()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_000, 1);
        disk.Logs[0].Content[LogLayout.SegmentsOffset + 8192 + (5 * 4096) + 77] ^= 1; // in the sixth block
        await ExpectUnchangedAsync(disk, () => Errors.ExpectAsync(EngineError.LogCorrupt, "offset 20480", () => disk.Device.RollBackAsync("s", force: true)));
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_is_found_before_the_first_write()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_000, 1);
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "read")
                throw Errors.BadMedium("log0");
        };
        await ExpectUnchangedAsync(disk, () => Errors.ExpectAsync(BlockDeviceError.InputOutput, "log0", () => disk.Device.RollBackAsync("s", force: true)));
    }

    [Fact]
    public async Task A_log_that_takes_no_note_is_found_before_the_first_write()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_000, 1);
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "write")
                throw Errors.BadMedium("log0");
        };
        await ExpectUnchangedAsync(disk, () => Errors.ExpectAsync(EngineError.LogFailed, "log0", () => disk.Device.RollBackAsync("s", force: true)));
    }

    [Fact]
    public async Task Logs_without_room_for_what_newer_snapshots_need_are_refused_with_the_bytes_that_are_missing()
    {
        await using var disk = await Disk.CreateAsync(Size, [(72 << 10) + (6 * (64 << 10))]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 200_000, 1); // 49 blocks, of which 25 have data
        var newer = await disk.Device.StartSnapshotAsync("newer");
        var frozen = disk.Source.Content.ToArray();
        await ExpectUnchangedAsync(disk, async () =>
        {
            var error = await Errors.ExpectAsync(EngineError.LogsTooFull, "End snapshots", () => disk.Device.RollBackAsync("s", force: true));
            Assert.Matches(@"\(\d+ bytes\)", error.Message);
        });
        Assert.Equal(SnapshotState.Active, newer.State);
        Assert.Equal(frozen, await newer.ReadAllAsync());
        await disk.Device.EndSnapshotAsync("newer");
        await disk.Device.RollBackAsync("s", force: true);
    }

    [Fact]
    public async Task A_rollback_that_is_let_through_finds_room_and_one_that_is_refused_would_have_broken_a_snapshot()
    {
        var (through, refused) = (0, 0);
        for (var segments = 2; segments < 24; segments++)
        {
            await using var disk = await Disk.CreateAsync(Size, [(72 << 10) + (segments * (64 << 10))]);
            await disk.Device.StartSnapshotAsync("s");
            for (var offset = 0; offset < Size; offset += 3 * 4096)
                await disk.FillAsync(offset, 4097, 1);
            await disk.Device.StartSnapshotAsync("newer");
            if (disk.Device.GetSnapshot("s").State == SnapshotState.Broken)
                continue;
            var before = disk.Source.Content.ToArray();
            if (await Record.ExceptionAsync(() => disk.Device.RollBackAsync("s", force: true)) is null)
            {
                through++;
                Assert.Equal(before, await disk.Device.GetSnapshot("newer").ReadAllAsync());
                continue;
            }

            refused++;
            Assert.Equal(before, disk.Source.Content);
            var snapshots = disk.Device.Snapshots;
            await disk.Origin.WriteAsync(0, new byte[Size]); // needs no more than the rollback would have
            Assert.Contains(snapshots, snapshot => snapshot.State == SnapshotState.Broken);
        }

        Assert.True(through > 0 && refused > 0, $"{through} went through and {refused} were refused");
    }

    [Fact]
    public async Task What_the_snapshot_could_not_preserve_is_refused_unless_forced_and_then_named()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        disk.Source.Fault = (operation, offset, length) =>
        {
            if (operation == "read" && offset < 12_288 && offset + length > 8192)
                throw Errors.BadMedium("source");
        };
        await disk.FillAsync(0, 40_000, 1);
        disk.Source.Fault = null;
        await disk.Origin.DisposeAsync();
        await ExpectUnchangedAsync(disk, () => Errors.ExpectAsync(EngineError.SourceUnreadable, "offset 8192", () => disk.Device.RollBackAsync("s")));
        var report = await disk.Device.RollBackAsync("s", force: true);
        Assert.Equal([new ChangedRange(8192, 4096)], report.NotRestored);
        frozen.AsSpan(8192, 4096).Fill(1);
        Assert.Equal(frozen, disk.Source.Content);
    }

    [Fact]
    public async Task It_can_be_cancelled_until_the_first_write_and_not_after()
    {
        await using var disk = await Disk.CreateAsync(4 << 20, [16 << 20]);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 4 << 20, 1);
        using var early = new CancellationTokenSource();
        disk.Logs[0].Fault = (operation, _, _) =>
        {
            if (operation == "read")
                early.Cancel();
        };
        await ExpectUnchangedAsync(disk, () => Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => disk.Device.RollBackAsync("s", force: true, cancellationToken: early.Token)));

        disk.Logs[0].Fault = null;
        using var late = new CancellationTokenSource();
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation is "write" or "zero")
                late.Cancel();
        };
        await disk.Device.RollBackAsync("s", force: true, cancellationToken: late.Token);
        Assert.True(late.IsCancellationRequested);
        Assert.Equal(frozen, disk.Source.Content);
    }

    /// <summary>What is refused leaves source and log as they were, and the origin open.</summary>
    private static async Task ExpectUnchangedAsync(Disk disk, Func<Task> refused)
    {
        var before = disk.Source.Content.ToArray();
        var used = disk.Device.GetStatistics().LogUsed;
        await refused();
        Assert.Equal(before, disk.Source.Content);
        Assert.Equal(used, disk.Device.GetStatistics().LogUsed);
        Assert.Null(disk.Device.IncompleteRollback);
        await using var origin = disk.Device.OpenOrigin();
        Assert.Equal(before[..10], await origin.ReadAsync(0, 10));
        await origin.WriteAsync(0, before.AsMemory(0, 10));
    }
}
