using CsCheck;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Overlay;

namespace SnapBackup.Engine.Tests;

/// <summary>What an overlay knows of its blocks, against a plain dictionary, and what that takes in memory.</summary>
public sealed class OverlayMapTests
{
    private const int Blocks = 5000;

    private static readonly Gen<(bool IsPut, int First, int Count)> Step = Gen.Select(
        Gen.Bool, Gen.Int[0, Blocks - 1], Gen.Frequency((3, Gen.Int[1, 4]), (1, Gen.Int[1, Blocks])));

    [Fact]
    public void A_block_holds_what_was_said_of_it_last() => Step.List[1, 60].Sample(
        steps =>
        {
            var map = new OverlayMap(Blocks);
            var model = new Dictionary<long, PreservedVersion>();
            var places = 0L;
            foreach (var (isPut, first, count) in steps)
            {
                var last = Math.Min(Blocks, first + (isPut ? Math.Min(count, 8) : count)) - 1;
                var freed = isPut ? [] : map.Clear(first, last);
                Assert.Equal(
                    isPut ? [] : model.Where(entry => entry.Key >= first && entry.Key <= last && entry.Value.Kind == PreservedKind.Data).Select(entry => entry.Value.Offset).Order(),
                    freed.Select(version => version.Offset).Order());
                for (long block = first; block <= last; block++)
                {
                    model[block] = isPut ? new PreservedVersion(PreservedKind.Data, (int)(++places % 512), places * 4096, (uint)(places * 2654435761)) : default;
                    if (isPut)
                        map.Put(block, model[block]);
                    else
                        model[block] = new PreservedVersion(PreservedKind.Zero, 0, 0, 0);
                }
            }

            for (var block = 0L; block < Blocks; block++)
            {
                Assert.Equal(model.TryGetValue(block, out var expected), map.TryGet(block, out var found));
                if (expected != default)
                    Assert.Equal(expected, found);
            }
        },
        iter: 300);

    [Fact]
    public void A_block_takes_no_more_than_32_bytes()
    {
        const int Count = 300_000;
        var map = new OverlayMap(1L << 40);
        var empty = map.Bytes;
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
            map.Put(random.NextInt64(1L << 40), new PreservedVersion(PreservedKind.Data, 0, 4096, 1));
        Assert.InRange(map.Bytes - empty, 16 * Count, 32 * Count);
    }

    [Fact]
    public void Cleared_blocks_scattered_one_by_one_take_no_more_either()
    {
        const int Count = 300_000;
        var map = new OverlayMap(1L << 40);
        var empty = map.Bytes;
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            var block = random.NextInt64(1L << 40);
            map.Clear(block, block);
        }

        Assert.InRange(map.Bytes - empty, 16 * Count, 32 * Count);
    }

    [Fact]
    public void A_disk_that_is_cleared_as_a_whole_takes_next_to_nothing()
    {
        const long Huge = 1L << 34; // 64 TiB of 4 KiB
        var map = new OverlayMap(Huge - 7);
        map.Put(12345, new PreservedVersion(PreservedKind.Data, 0, 4096, 1));
        Assert.Equal(4096, Assert.Single(map.Clear(0, Huge - 8)).Offset);
        Assert.InRange(map.Bytes, 0, 4 << 20);
        Assert.True(map.TryGet(Huge - 8, out var last));
        Assert.Equal(PreservedKind.Zero, last.Kind);
        Assert.True(map.TryGet(12345, out var first));
        Assert.Equal(PreservedKind.Zero, first.Kind);
    }
}
