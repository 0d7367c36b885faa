using CsCheck;
using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

/// <summary>A writable snapshot: private to its handle, exact over anything, no harm to what is preserved, and gone without a trace.</summary>
public sealed class OverlayTests
{
    private const int Size = (40 * 4096) + 700;

    [Fact]
    public async Task What_is_written_is_read_and_the_snapshot_and_the_source_are_as_before()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var overlay = snapshot.OpenWritable();
        Assert.Equal(("snap0@s+rw", (long)Size, false), (overlay.Name, overlay.Size, overlay.IsReadOnly));
        await overlay.WriteAsync(5000, new byte[] { 1, 2, 3 }, WriteOptions.ForceUnitAccess);
        await overlay.FlushAsync();
        var expected = frozen.ToArray();
        new byte[] { 1, 2, 3 }.CopyTo(expected, 5000);
        Assert.Equal(expected, await overlay.ReadAsync(0, Size));
        Assert.Equal(frozen, await snapshot.ReadAllAsync());
        Assert.Equal(frozen, disk.Source.Content);
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public async Task Two_overlays_of_one_snapshot_know_nothing_of_each_other()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var one = snapshot.OpenWritable();
        await using var other = snapshot.OpenWritable();
        await one.WriteAsync(0, new byte[8192]);
        await other.WriteAsync(4096, Enumerable.Repeat((byte)7, 8192).ToArray());
        byte[] ofOne = [.. new byte[8192], .. frozen[8192..]];
        byte[] ofOther = [.. frozen[..4096], .. Enumerable.Repeat((byte)7, 8192), .. frozen[12_288..]];
        Assert.Equal(ofOne, await one.ReadAsync(0, Size));
        Assert.Equal(ofOther, await other.ReadAsync(0, Size));
    }

    [Fact]
    public async Task A_closed_overlay_gives_its_room_back_and_refuses_requests()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        var overlay = snapshot.OpenWritable();
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        await overlay.WriteAsync(0, new byte[100_000]);
        Assert.NotEqual(0, disk.Device.GetStatistics().LogUsed);
        await overlay.DisposeAsync();
        await overlay.DisposeAsync();
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        Assert.Equal(0, snapshot.OpenCount);
        await Errors.ExpectAsync(BlockDeviceError.Closed, "snap0@s+rw", () => overlay.ReadAsync(0, 1));
        await Errors.ExpectAsync(BlockDeviceError.Closed, "snap0@s+rw", () => overlay.WriteAsync(0, new byte[1]).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.Closed, "snap0@s+rw", () => overlay.FlushAsync().AsTask());
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public async Task A_device_is_not_torn_down_under_an_overlay_unless_that_is_forced()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await disk.Origin.DisposeAsync();
        var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.WriteAsync(0, new byte[10_000]);
        await Errors.ExpectAsync(EngineError.DeviceInUse, "its snapshots 1", () => disk.Device.TearDownAsync());
        await disk.Device.TearDownAsync(force: true);
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => overlay.ReadAsync(0, 1));
        await overlay.DisposeAsync();
    }

    [Fact]
    public async Task An_overlay_of_a_device_that_was_let_go_fails_and_can_be_closed()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.WriteAsync(0, new byte[10_000]);
        await disk.ReopenAsync();
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => overlay.ReadAsync(0, 1));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "snap0", () => overlay.WriteAsync(100_000, new byte[50_000]).AsTask());
        await overlay.DisposeAsync();
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        Assert.Equal(SnapshotState.Active, disk.Device.GetSnapshot("s").State);
    }

    [Fact]
    public async Task An_ended_snapshot_ends_its_overlays_and_frees_their_room()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var overlay = snapshot.OpenWritable();
        await overlay.WriteAsync(0, new byte[100_000]);
        await disk.Device.EndSnapshotAsync("s");
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => overlay.ReadAsync(0, 1));
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => overlay.WriteAsync(0, new byte[1]).AsTask());
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => overlay.TrimAsync(0, 4096).AsTask());
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => overlay.FlushAsync().AsTask());
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => overlay.GetExtentAsync(0, 1).AsTask());
        await Errors.ExpectAsync(EngineError.SnapshotEnded, "snap0@s", () => Task.FromResult(snapshot.OpenWritable()));
    }

    [Fact]
    public async Task A_snapshot_that_breaks_frees_the_room_of_its_overlays_for_the_others()
    {
        await using var disk = await Disk.CreateAsync(1 << 20, [600 << 10]);
        var old = await disk.Device.StartSnapshotAsync("old");
        await using var overlay = old.OpenWritable();
        await overlay.WriteAsync(0, new byte[280_000]);
        var younger = await disk.Device.StartSnapshotAsync("younger");
        var frozen = disk.Source.Content.ToArray();
        await disk.FillAsync(0, 100_000, 1);
        Assert.Equal(SnapshotState.Active, old.State);
        await disk.FillAsync(100_000, 150_000, 1);
        Assert.Equal(SnapshotState.Broken, old.State);
        Assert.Equal(SnapshotState.Active, younger.State);
        Assert.Equal(frozen, await younger.ReadAllAsync());
        await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => overlay.ReadAsync(0, 1));
        await Errors.ExpectAsync(EngineError.SnapshotBroken, "are full", () => overlay.WriteAsync(0, new byte[1]).AsTask());
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public async Task An_overlay_is_refused_room_before_a_snapshot_suffers()
    {
        await using var disk = await Disk.CreateAsync(8 << 20, [2 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var overlay = snapshot.OpenWritable();
        var written = 0;
        await Errors.ExpectAsync(BlockDeviceError.NoSpace, "snap0@s+rw", async () =>
        {
            while (true)
            {
                await overlay.WriteAsync(written, new byte[65_536]);
                written += 65_536;
            }
        });
        Assert.InRange(written, 1 << 20, 2 << 20);
        await overlay.WriteAsync(0, new byte[65_536]); // what has room is written in its place
        Assert.Equal(new byte[written], await overlay.ReadAsync(0, written));
        var reserved = disk.Device.GetStatistics();
        Assert.InRange(reserved.LogCapacity - reserved.LogUsed, 2 << 17, 2 << 18);
        await disk.FillAsync(0, 100_000, 1);
        Assert.Equal(SnapshotState.Active, snapshot.State);
        await overlay.TrimAsync(0, 65_536);
        await overlay.WriteAsync(4 << 20, new byte[65_536]); // what was trimmed has made room
        Assert.True((await disk.Device.CheckAsync()).IsClean);
    }

    [Fact]
    public async Task Zeros_and_trims_take_no_room_and_are_holes_and_writes_into_them_are_data()
    {
        await using var disk = await Disk.CreateAsync(16 << 20, [2 << 20]);
        await disk.FillAsync(0, 16 << 20, 9);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.TrimAsync(4096, (8 << 20) - 4096);
        await overlay.WriteZeroesAsync(8 << 20, 4 << 20);
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
        await overlay.WriteAsync(1 << 20, new byte[] { 5 });
        Assert.Equal(new BlockExtent(4096, ExtentKind.Data), await overlay.GetExtentAsync(0, 16 << 20));
        Assert.Equal(new BlockExtent((1 << 20) - 4096, ExtentKind.Hole), await overlay.GetExtentAsync(4096, 16 << 19));
        Assert.Equal(new BlockExtent(4096, ExtentKind.Data), await overlay.GetExtentAsync(1 << 20, 1 << 20));
        Assert.Equal(new BlockExtent((11 << 20) - 4096, ExtentKind.Hole), await overlay.GetExtentAsync((1 << 20) + 4096, 14 << 20));
        Assert.Equal(new BlockExtent(4 << 20, ExtentKind.Data), await overlay.GetExtentAsync(12 << 20, 4 << 20));
        var content = await overlay.ReadAsync(0, 16 << 20);
        Assert.Equal((9, 0, 5, 0, 0, 9), (content[4095], content[4096], content[1 << 20], content[(1 << 20) + 1], content[(12 << 20) - 1], content[12 << 20]));
    }

    [Fact]
    public async Task Zeros_that_keep_their_room_are_data()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.WriteZeroesAsync(100, 20_000, WriteOptions.NoHole);
        Assert.Equal(new BlockExtent(20_480, ExtentKind.Data), await overlay.GetExtentAsync(0, 20_480));
        Assert.Equal(new byte[20_000], await overlay.ReadAsync(100, 20_000));
        Assert.Equal(disk.Source.Content[..100], await overlay.ReadAsync(0, 100));
    }

    [Fact]
    public async Task Requests_outside_are_refused()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0@s+rw", () => overlay.WriteAsync(Size - 1, new byte[2]).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0@s+rw", () => overlay.ReadAsync(Size, 1));
        await Errors.ExpectAsync(BlockDeviceError.OutOfRange, "snap0@s+rw", () => overlay.TrimAsync(-1, 1).AsTask());
        await overlay.WriteAsync(Size, Array.Empty<byte>());
        await overlay.TrimAsync(0, 0);
    }

    [Fact]
    public async Task A_block_that_rots_on_the_log_is_found_out()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.WriteAsync(8192, Enumerable.Repeat((byte)0xA5, 8192).ToArray());
        var at = disk.Logs[0].Content.AsSpan().IndexOf(Enumerable.Repeat((byte)0xA5, 8192).ToArray());
        disk.Logs[0].Content[at + 5000] ^= 1;
        await overlay.ReadAsync(8192, 4096);
        await Errors.ExpectAsync(EngineError.LogCorrupt, "offset 12288", () => overlay.ReadAsync(8192, 8192));
        await overlay.WriteAsync(12_288, new byte[4096]);
        Assert.Equal(0, (await overlay.ReadAsync(12_288, 1))[0]);
    }

    [Fact]
    public async Task A_block_that_the_snapshot_does_not_have_is_healed_by_writing_all_of_it()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        disk.Source.Fault = (operation, offset, length) =>
        {
            if (operation == "read" && offset < 12_288 && offset + length > 8192)
                throw Errors.BadMedium("source");
        };
        await disk.FillAsync(8192, 4096, 1);
        disk.Source.Fault = null;
        await Errors.ExpectAsync(EngineError.SourceUnreadable, "offset 8192", () => overlay.ReadAsync(9000, 10));
        await Errors.ExpectAsync(EngineError.SourceUnreadable, "offset 8192", () => overlay.WriteAsync(9000, new byte[10]).AsTask());
        await overlay.WriteAsync(8192, new byte[4096]);
        await overlay.WriteAsync(9000, new byte[] { 7 });
        Assert.Equal(7, (await overlay.ReadAsync(9000, 10))[0]);
    }

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    public async Task A_log_that_fails_is_left_for_the_next_and_nothing_is_lost(string operation)
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20, 4 << 20]);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.WriteAsync(0, Enumerable.Repeat((byte)1, 20_000).ToArray());
        disk.Logs[0].Fault = (met, _, _) =>
        {
            if (met == operation)
                throw Errors.BadMedium("log0");
        };
        await overlay.WriteAsync(10_000, Enumerable.Repeat((byte)2, 100_000).ToArray());
        var content = await overlay.ReadAsync(0, Size);
        Assert.Equal(Enumerable.Repeat((byte)1, 10_000), content[..10_000]);
        Assert.Equal(Enumerable.Repeat((byte)2, 100_000), content[10_000..110_000]);
        Assert.Equal(disk.Source.Content[110_000..], content[110_000..]);
    }

    [Fact]
    public async Task When_no_log_works_any_more_the_write_fails_and_what_was_written_before_is_read()
    {
        await using var disk = await Disk.CreateAsync(Size, [1 << 20]);
        await using var overlay = (await disk.Device.StartSnapshotAsync("s")).OpenWritable();
        await overlay.WriteAsync(0, Enumerable.Repeat((byte)1, 8192).ToArray());
        disk.Logs[0].Fault = (met, offset, _) =>
        {
            if (met == "write")
                throw Errors.BadMedium("log0");
        };
        await Errors.ExpectAsync(BlockDeviceError.NoSpace, "snap0@s+rw", () => overlay.WriteAsync(0, new byte[4096]).AsTask());
        await Errors.ExpectAsync(BlockDeviceError.NoSpace, "snap0@s+rw", () => overlay.WriteAsync(100_000, new byte[1]).AsTask());
        Assert.Equal(Enumerable.Repeat((byte)1, 8192), await overlay.ReadAsync(0, 8192));
        Assert.Equal(disk.Source.Content[8192..], await overlay.ReadAsync(8192, Size - 8192));
    }

    [Fact]
    public async Task After_a_crash_nothing_of_an_overlay_is_left_and_snapshots_are_exact()
    {
        await using var disk = await Disk.CreateAsync(Size, [600 << 10, 600 << 10], new DeviceSettings { Allocation = LogAllocation.Striped });
        var frozen = disk.Source.Content.ToArray();
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await using var overlay = snapshot.OpenWritable();
        for (var i = 0; i < 5; i++)
        {
            await overlay.WriteAsync(i * 20_000, new byte[20_000]);
            await disk.FillAsync(i * 20_000, 20_000, 1);
        }

        var preserved = 0L;
        await using (var again = await disk.OpenAfterCrashAsync())
        {
            preserved = again.Device.GetStatistics().LogUsed;
            Assert.Equal(frozen, await again.Device.GetSnapshot("s").ReadAllAsync());
            Assert.True((await again.Device.CheckAsync()).IsClean);
            await again.FillAsync(0, Size, 2);
            Assert.Equal(frozen, await again.Device.GetSnapshot("s").ReadAllAsync());
        }

        Assert.True(preserved < disk.Device.GetStatistics().LogUsed);
        await overlay.DisposeAsync();
        Assert.Equal(preserved, disk.Device.GetStatistics().LogUsed);
    }

    [Fact]
    public Task An_overlay_is_what_a_plain_array_would_be_whatever_the_source_does() =>
        Gen.Select(
            Gen.OneOf(Gen.Const(4096), Gen.Const(16_384)), Gen.Select(Gen.Bool, DiskWrite.Within(0, Size)).List[1, 40]).SampleAsync(
            async (blockSize, steps) =>
            {
                await using var disk = await Disk.CreateAsync(Size, [1 << 20, 1 << 20], new DeviceSettings { BlockSize = blockSize });
                var source = disk.Source.Content.ToArray();
                var frozen = disk.Source.Content.ToArray();
                var model = disk.Source.Content.ToArray();
                var snapshot = await disk.Device.StartSnapshotAsync("s");
                await using (var overlay = snapshot.OpenWritable())
                {
                    foreach (var (onSource, write) in steps)
                    {
                        await write.ApplyAsync(onSource ? disk.Origin : overlay, onSource ? source : model);
                        Assert.True((await overlay.ReadAsync(0, Size)).AsSpan().SequenceEqual(model));
                        Assert.Equal(model[write.Offset..(write.Offset + write.Length)], await overlay.ReadAsync(write.Offset, write.Length));
                    }

                    await AssertExtentsAsync(overlay, model);
                    Assert.Empty((await disk.Device.CheckAsync()).Findings);
                }

                Assert.Equal(frozen, await snapshot.ReadAllAsync());
                Assert.Equal(source, disk.Source.Content);
                Assert.Empty((await disk.Device.CheckAsync()).Findings);
                await disk.Device.EndSnapshotAsync("s");
                Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
            },
            iter: 150);

    private static async Task AssertExtentsAsync(IBlockDevice overlay, byte[] model)
    {
        for (var offset = 0L; offset < overlay.Size;)
        {
            var extent = await overlay.GetExtentAsync(offset, overlay.Size - offset);
            Assert.InRange(extent.Length, 1, overlay.Size - offset);
            if (extent.Kind == ExtentKind.Hole)
                Assert.False(model.AsSpan((int)offset, (int)extent.Length).ContainsAnyExcept((byte)0));
            offset += extent.Length;
        }
    }
}
