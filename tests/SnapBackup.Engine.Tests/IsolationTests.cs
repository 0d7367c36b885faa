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
                await using var disk = await Disk.CreateAsync(Size, [4 << 20], blockSize);
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
}
