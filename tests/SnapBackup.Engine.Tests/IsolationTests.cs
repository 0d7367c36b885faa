using CsCheck;

namespace SnapBackup.Engine.Tests;

/// <summary>
/// Invariant 1 against a plain array as the model. A failure prints the seed; CsCheck's <c>seed:</c> argument repeats it.
/// </summary>
public sealed class IsolationTests
{
    private const int Size = (70 * 4096) + 1000; // the last block is not whole

    private static readonly Gen<int> BlockSize = Gen.OneOf(Gen.Const(4096), Gen.Const(16384));

    [Fact]
    public Task A_snapshot_holds_what_the_source_held_whatever_is_written() =>
        Gen.Select(BlockSize, DiskWrite.Within(0, Size).List[0, 12], DiskWrite.Within(0, Size).List[1, 30]).SampleAsync(
            async (blockSize, before, after) =>
            {
                await using var disk = await Disk.CreateAsync(Size, [4 << 20], new DeviceSettings { BlockSize = blockSize });
                var model = disk.Source.Content.ToArray();
                foreach (var write in before)
                    await write.ApplyAsync(disk.Origin, model);
                var frozen = model.ToArray();
                var snapshot = await disk.Device.StartSnapshotAsync("s");
                foreach (var write in after)
                {
                    await write.ApplyAsync(disk.Origin, model);
                    Assert.Equal(frozen, await snapshot.ReadAllAsync());
                }

                Assert.Equal(model, disk.Source.Content);
            },
            iter: 150);

    [Fact]
    public Task A_snapshot_read_at_any_place_and_length_is_exact() =>
        Gen.Select(DiskWrite.Within(0, Size).List[1, 20], DiskWrite.Within(0, Size).List[1, 40]).SampleAsync(
            async (writes, reads) =>
            {
                await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
                var frozen = disk.Source.Content.ToArray();
                var snapshot = await disk.Device.StartSnapshotAsync("s");
                var model = frozen.ToArray();
                foreach (var write in writes)
                    await write.ApplyAsync(disk.Origin, model);
                await using var device = snapshot.Open();
                foreach (var read in reads)
                    Assert.Equal(frozen[read.Offset..(read.Offset + read.Length)], await device.ReadAsync(read.Offset, read.Length));
            },
            iter: 150);

    [Fact]
    public Task Extents_of_a_snapshot_tell_its_holes_and_never_call_data_a_hole() =>
        DiskWrite.Within(0, Size).List[1, 20].SampleAsync(
            async writes =>
            {
                await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
                var frozen = disk.Source.Content.ToArray();
                var snapshot = await disk.Device.StartSnapshotAsync("s");
                var model = frozen.ToArray();
                foreach (var write in writes)
                    await write.ApplyAsync(disk.Origin, model);
                await using var device = snapshot.Open();
                var holes = 0L;
                for (var offset = 0L; offset < Size;)
                {
                    var extent = await device.GetExtentAsync(offset, Size - offset);
                    Assert.InRange(extent.Length, 1, Size - offset);
                    if (extent.Kind == Blocks.ExtentKind.Hole)
                    {
                        holes += extent.Length;
                        Assert.False(frozen.AsSpan((int)offset, (int)extent.Length).ContainsAnyExcept((byte)0));
                    }

                    offset += extent.Length;
                }

                Assert.True(holes >= (Size / 4) - (2 * 4096), "the zero quarter is a hole, but for the blocks at its ends");
            },
            iter: 80);

    [Fact]
    public Task Snapshots_started_among_parallel_writers_stay_exact_for_parallel_readers()
    {
        const int Writers = 4;
        var regions = Enumerable.Range(0, Writers).Select(i => (Start: i * Size / Writers, End: (i + 1) * Size / Writers)).ToArray();
        var program = Gen.Select(regions.Select(region => DiskWrite.Within(region.Start, region.End).List[20, 60]).Aggregate(
            Gen.Const(new List<List<DiskWrite>>()),
            (all, one) => Gen.Select(all, one, (list, writes) => new List<List<DiskWrite>>(list) { writes })), BlockSize);
        return program.SampleAsync((writes, blockSize) => new ParallelRun(writes).ExecuteAsync(Size, blockSize), iter: 60);
    }

    [Fact]
    public async Task A_read_overtaken_by_a_write_returns_the_old_content()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var frozen = disk.Source.Content[100..200];
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        Assert.Equal(frozen, await OvertakenReadAsync(disk, snapshot, 100, () => disk.FillAsync(0, 4096, 1)));
    }

    [Fact]
    public async Task A_read_overtaken_by_an_overflow_fails()
    {
        await using var disk = await Disk.CreateAsync(Size, [136 << 10]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        await disk.FillAsync(0, 40_000, 1); // most of what the log takes
        await Errors.ExpectAsync(
            EngineError.SnapshotBroken, "full", () => OvertakenReadAsync(disk, snapshot, 65_000, () => disk.FillAsync(0, 65_536, 1)));
        Assert.Equal(1, disk.Source.Content[65_000]);
    }

    [Fact]
    public async Task A_question_for_an_extent_overtaken_by_a_write_is_answered_for_the_old_content()
    {
        await using var disk = await Disk.CreateAsync(Size, [4 << 20]);
        var snapshot = await disk.Device.StartSnapshotAsync("s");
        disk.Source.Fault = (operation, _, _) =>
        {
            if (operation == "extent")
            {
                disk.Source.Fault = null;
                Task.Run(() => disk.Origin.WriteZeroesAsync(0, 8192).AsTask()).GetAwaiter().GetResult();
            }
        };
        await using var open = snapshot.Open();
        Assert.Equal(new Blocks.BlockExtent(8192, Blocks.ExtentKind.Data), await open.GetExtentAsync(0, 8192));
    }

    /// <summary>Reads 100 bytes of the snapshot and lets a write be done after the reader looked for preserved blocks and before it reads the source.</summary>
    private static async Task<byte[]> OvertakenReadAsync(Disk disk, Snapshot snapshot, long offset, Func<Task> write)
    {
        disk.Source.Fault = (operation, _, length) =>
        {
            if (operation == "read" && length == 100)
                Task.Run(write).GetAwaiter().GetResult();
        };
        await using var open = snapshot.Open();
        return await open.ReadAsync(offset, 100);
    }
}
