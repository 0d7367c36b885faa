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

    [Fact]
    public void What_was_added_is_found_and_nothing_else() =>
        Gen.Select(Gen.Long[0, (1L << 48) - 2], Version).Array[0, 3000].Sample(
            entries =>
            {
                var index = new EpochIndex();
                var model = new Dictionary<long, PreservedVersion>();
                foreach (var (block, version) in entries)
                {
                    Assert.False(!model.ContainsKey(block) && index.Contains(block));
                    if (model.TryAdd(block, version))
                        index.Add(block, version);
                }

                Assert.Equal(model.Count, index.Count);
                foreach (var (block, version) in model)
                {
                    Assert.True(index.TryGet(block, out var found));
                    Assert.Equal(version, found);
                }
            },
            iter: 200);

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
    public async Task Readers_see_an_entry_whole_or_not_at_all_while_the_table_grows()
    {
        const int Blocks = 200_000;
        var index = new EpochIndex();
        var published = 0;
        var writer = Task.Run(() =>
        {
            for (var block = 0; block < Blocks; block++)
            {
                index.Add(block, Expected(block));
                Volatile.Write(ref published, block + 1);
            }
        });
        var readers = Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (Volatile.Read(ref published) < Blocks)
            {
                var known = Volatile.Read(ref published);
                var block = random.Next(Blocks);
                var found = index.TryGet(block, out var version);
                Assert.True(found || block >= known);
                Assert.True(!found || version == Expected(block));
            }
        }));
        await Task.WhenAll(readers.Append(writer));
    }

    private static PreservedVersion Expected(int block) => new(PreservedKind.Data, block % 512, (long)block << 12, (uint)block * 2_654_435_761);
}
