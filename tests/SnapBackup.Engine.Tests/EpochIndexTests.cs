using CsCheck;
using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Tests;

public sealed class EpochIndexTests
{
    private static readonly Gen<PreservedVersion> Version =
        from kind in Gen.Enum<PreservedKind>()
        from log in Gen.Int[0, 511]
        from unit in Gen.Long[0, (1L << 37) - 1]
        from checksum in Gen.UInt
        select new PreservedVersion(kind, log, unit << 12, checksum);

    /// <summary>Neighbours, so that blocks come again, or any block at all.</summary>
    private static readonly Gen<long> Block = Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, IndexEntry.LargestBlock]);

    [Fact]
    public void It_behaves_like_a_dictionary_whose_first_value_stays() =>
        Gen.Select(Gen.Long[0, 5000], Gen.Select(Block, Version).Array[0, 3000]).Sample(
            (expected, entries) =>
            {
                var index = new EpochIndex(expected);
                var model = new Dictionary<long, PreservedVersion>();
                foreach (var (block, version) in entries)
                {
                    Assert.Equal(model.ContainsKey(block), index.Contains(block));
                    Assert.Equal(model.TryAdd(block, version), index.TryAdd(block, version));
                    Assert.Equal(model.Count, index.Count);
                }

                AssertSame(model, index);
            },
            iter: 200);

    [Fact]
    public void The_first_and_the_last_block_keep_the_smallest_and_the_largest_version()
    {
        var index = new EpochIndex();
        var largest = new PreservedVersion(PreservedKind.Unreadable, 511, ((1L << 37) - 1) << 12, uint.MaxValue);
        index.Add(0, default);
        index.Add(IndexEntry.LargestBlock, largest);
        Assert.True(index.TryGet(0, out var first));
        Assert.Equal(default, first);
        Assert.True(index.TryGet(IndexEntry.LargestBlock, out var last));
        Assert.Equal(largest, last);
        Assert.False(index.Contains(1));
        Assert.False(index.Contains(IndexEntry.LargestBlock - 1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(IndexEntry.LargestBlock + 1)]
    [InlineData(long.MaxValue)]
    public void A_number_that_no_block_has_is_not_there(long block)
    {
        var index = new EpochIndex();
        for (var i = 0; i < 1000; i++)
            index.Add(i, At(1));
        Assert.False(index.Contains(block));
        Assert.False(index.TryGet(block, out _));
    }

    [Fact]
    public void A_block_is_added_once()
    {
        var index = new EpochIndex();
        index.Add(7, At(1));
        Assert.Throws<ArgumentException>(() => index.Add(7, At(2)));
        Assert.False(index.TryAdd(7, At(2)));
        Assert.True(index.TryGet(7, out var version));
        Assert.Equal(At(1), version);
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void A_range_is_held_only_when_every_block_of_it_is()
    {
        var index = new EpochIndex();
        for (var block = 10; block < 20; block++)
            index.Add(block, default);
        Assert.True(index.ContainsAll(10, 19));
        Assert.False(index.ContainsAll(9, 19));
        Assert.False(index.ContainsAll(10, 20));
        Assert.False(new EpochIndex().ContainsAll(0, 0));
    }

    [Fact]
    public void What_is_moved_is_found_at_its_new_place_and_all_else_where_it_was() =>
        Gen.Select(Gen.Select(Block, Version).Array[1, 500], Gen.Select(Gen.Int[0, 499], Version).Array[0, 500]).Sample(
            (entries, moves) =>
            {
                var index = new EpochIndex();
                var model = new Dictionary<long, PreservedVersion>();
                foreach (var (block, version) in entries.DistinctBy(entry => entry.Item1))
                {
                    index.Add(block, version);
                    model.Add(block, version);
                }

                foreach (var (which, to) in moves)
                {
                    var block = entries[which % entries.Length].Item1;
                    model[block] = model[block] with { Log = to.Log, Offset = to.Offset };
                    index.Move(block, model[block]);
                }

                AssertSame(model, index);
            },
            iter: 200);

    [Fact]
    public void Only_the_same_content_of_a_block_that_is_there_is_moved()
    {
        var index = new EpochIndex();
        Assert.Throws<ArgumentException>(() => index.Move(7, At(1)));
        index.Add(7, At(1));
        Assert.Throws<ArgumentException>(() => index.Move(8, At(1)));
        Assert.Throws<ArgumentException>(() => index.Move(7, At(2) with { Kind = PreservedKind.Zero }));
        Assert.Throws<ArgumentException>(() => index.Move(7, At(2) with { Checksum = At(1).Checksum ^ 1 }));
        Assert.Throws<ArgumentException>(() => index.Move(7, At(2) with { Checksum = At(1).Checksum ^ (1u << 31) }));
        Assert.True(index.TryGet(7, out var version));
        Assert.Equal(At(1), version);
    }

    [Fact]
    public void Merging_a_later_epoch_into_an_earlier_one_keeps_the_earlier_versions()
    {
        var earlier = new EpochIndex();
        var later = new EpochIndex();
        for (var block = 0; block < 30_000; block++)
            later.Add(2 * block, At(1));
        for (var block = 0; block < 30_000; block++)
            earlier.Add(3 * block, At(2));
        foreach (var (block, version) in later.Entries)
            Assert.Equal(block % 3 != 0 || block >= 90_000, earlier.TryAdd(block, version));
        Assert.Equal(50_000, earlier.Count);
        for (var block = 0; block < 90_000; block++)
        {
            Assert.Equal(block % 2 == 0 && block < 60_000 || block % 3 == 0, earlier.TryGet(block, out var version));
            Assert.Equal(block % 3 == 0 ? At(2) : block % 2 == 0 && block < 60_000 ? At(1) : default, version);
        }
    }

    private static PreservedVersion At(int place) => new(PreservedKind.Data, place, (long)place << 12, 0x1234_5678);

    private static void AssertSame(Dictionary<long, PreservedVersion> model, EpochIndex index)
    {
        foreach (var (block, version) in model)
        {
            Assert.True(index.TryGet(block, out var found));
            Assert.Equal(version, found);
            Assert.Equal(model.ContainsKey(block + 1), index.ContainsAll(block, block + 1));
        }

        Assert.Equal(model.OrderBy(entry => entry.Key), index.Entries.OrderBy(entry => entry.Key));
    }
}
