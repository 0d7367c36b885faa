using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>What a write under a snapshot does, and what it does not (O3, O5, O6, O8, O11, O12).</summary>
public sealed class CopyBeforeWriteTests
{
    [Fact]
    public async Task Nothing_is_preserved_without_a_snapshot()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await disk.FillAsync(0, 100_000, 1);
        var statistics = disk.Device.GetStatistics();
        Assert.Equal(0, statistics.BlocksPreserved);
        Assert.Equal(0, statistics.LogBytesWritten);
    }

    [Fact]
    public async Task The_old_block_is_durable_in_the_log_before_the_source_is_written()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        var order = new List<string>();
        disk.Source.Fault = (operation, _, _) => Note($"source {operation}");
        disk.Logs[0].Fault = (operation, _, _) => Note($"log {operation}");
        await disk.FillAsync(5000, 10, 1);
        Assert.Equal(["source read", "log write", "log flush", "source write"], order);

        void Note(string what)
        {
            lock (order)
                order.Add(what);
        }
    }

    [Fact]
    public async Task Later_writes_to_a_preserved_block_go_straight_to_the_source()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 8192, 1);
        disk.Logs[0].Fault = (_, _, _) => throw Errors.BadMedium("log0");
        await disk.FillAsync(100, 8000, 2);
        var statistics = disk.Device.GetStatistics();
        Assert.Equal(2, statistics.BlocksPreserved);
        Assert.Equal(1, statistics.WritesWithoutCopy);
    }

    [Fact]
    public async Task Reads_of_the_origin_are_never_touched()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 5000, 1);
        disk.Logs[0].Fault = (_, _, _) => throw Errors.BadMedium("log0");
        Assert.Equal(disk.Source.Content, await disk.Origin.ReadAsync(0, 100_000));
    }

    [Fact]
    public async Task A_request_that_touches_many_blocks_shares_commit_groups()
    {
        await using var disk = await Disk.CreateAsync(4 << 20, [16 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(2 << 20, 2 << 20, 1);
        var statistics = disk.Device.GetStatistics();
        Assert.Equal(512, statistics.BlocksPreserved);
        Assert.InRange(statistics.CommitGroups, 2, 8 * 512 / 13);
    }

    [Fact]
    public async Task Writers_that_wait_at_the_same_time_share_a_commit_group()
    {
        await using var disk = await Disk.CreateAsync(4 << 20, [16 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        using var mayGoOn = new ManualResetEventSlim();
        disk.Logs[0].Fault = (_, _, _) => mayGoOn.Wait();
        var writes = Enumerable.Range(0, 11).Select(i => disk.FillAsync((2 << 20) + (i * 4096), 4096, 1)).ToArray();
        mayGoOn.Set();
        await Task.WhenAll(writes);
        disk.Logs[0].Fault = null;
        Assert.InRange(disk.Device.GetStatistics().CommitGroups, 1, 2);
    }

    [Fact]
    public async Task Zero_blocks_take_no_data_on_the_log()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(1 << 18, 4096, 1);
        var statistics = disk.Device.GetStatistics();
        Assert.Equal(1, statistics.ZeroBlocksPreserved);
        Assert.Equal(2 * 4096, statistics.LogBytesWritten); // segment header and group header
    }

    [Fact]
    public async Task Zeroing_and_trimming_holes_preserves_nothing_and_costs_nothing()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await disk.Origin.WriteZeroesAsync(1 << 18, 1 << 18);
        await disk.Origin.TrimAsync(1 << 18, 1 << 18);
        Assert.Equal(0, disk.Device.GetStatistics().BlocksPreserved);
    }

    [Fact]
    public async Task Trims_and_zeros_of_data_are_preserved_like_writes()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [2 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.Origin.TrimAsync(100, 100_000);
        await disk.Origin.WriteZeroesAsync(600_000, 300_000, WriteOptions.NoHole | WriteOptions.ForceUnitAccess);
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        Assert.False(disk.Source.Content.AsSpan(600_000, 300_000).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_snapshot_is_read_only_and_as_large_as_the_source()
    {
        await using var disk = await Disk.CreateAsync(100_001, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var open = snapshot.Open();
        Assert.True(open.IsReadOnly);
        Assert.Equal(100_001, open.Size);
        Assert.Equal("snap0@s", open.Name);
        await Errors.ExpectAsync(BlockDeviceError.ReadOnly, "snap0@s", () => open.WriteAsync(0, new byte[1]).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.ReadOnly, "snap0@s", () => open.WriteZeroesAsync(0, 1).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.ReadOnly, "snap0@s", () => open.TrimAsync(0, 1).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0@s", () => open.ReadAsync(100_000, 2));
        await open.FlushAsync();
    }

    [Fact]
    public async Task Requests_outside_the_origin_are_refused_before_anything_is_preserved()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        await disk.Device.StartSnapshotAsync("s");
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0", () => disk.FillAsync(99_999, 2, 1));
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0", () => disk.Origin.WriteZeroesAsync(-1, 2).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0", () => disk.Origin.TrimAsync(1, long.MaxValue).AsTask());
        Assert.Equal(0, disk.Device.GetStatistics().BlocksPreserved);
    }

    [Fact]
    public async Task An_origin_set_read_only_refuses_writes_until_it_is_set_back()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        disk.Device.IsReadOnly = true;
        Assert.True(disk.Origin.IsReadOnly);
        await Errors.ExpectAsync(BlockDeviceError.ReadOnly, "snap0", () => disk.FillAsync(0, 1, 1));
        disk.Device.IsReadOnly = false;
        await disk.FillAsync(0, 1, 1);
    }

    [Fact]
    public async Task Statistics_count_requests_begun_and_ended_and_bytes()
    {
        await using var disk = await Disk.CreateAsync(100_000, [1 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 5000, 1);
        await disk.Origin.ReadAsync(0, 300);
        await disk.Origin.WriteZeroesAsync(91_000, 700);
        await disk.Origin.FlushAsync();
        await disk.Origin.WriteAsync(1, new byte[1], WriteOptions.ForceUnitAccess);
        await snapshot.ReadAllAsync();
        var statistics = disk.Device.GetStatistics();
        Assert.Equal(5, statistics.RequestsBegun);
        Assert.Equal(5, statistics.RequestsEnded);
        Assert.Equal(5001, statistics.OriginBytesWritten);
        Assert.Equal(300, statistics.OriginBytesRead);
        Assert.Equal(700, statistics.OriginBytesZeroed);
        Assert.Equal(2, statistics.OriginFlushes);
        Assert.Equal(3 * 4096, statistics.SnapshotBytesFromLog);
        Assert.Equal(100_000 - (3 * 4096), statistics.SnapshotBytesFromSource);
    }
}
