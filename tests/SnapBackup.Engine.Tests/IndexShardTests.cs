using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Tests;

public sealed class IndexShardTests
{
    /// <summary>
    /// Otherwise whoever adds them to a table that grows would fill its front part only, and probing would become a
    /// search through all that is there.
    /// </summary>
    [Fact]
    public void The_first_entries_of_an_enumeration_are_spread_over_the_whole_table()
    {
        var shard = new IndexShard(0);
        for (var block = 0; block < 100_000; block++)
            Assert.True(shard.TryAdd(BlockHash.Of(block), block, default));
        var parts = shard.Entries().Take(1600).CountBy(entry => (BlockHash.Of(entry.Key) << EpochIndex.ShardBits) >> 60).ToList();
        Assert.Equal(16, parts.Count);
        Assert.All(parts, part => Assert.InRange(part.Value, 50, 200));
    }

    [Fact]
    public void Blocks_of_one_hash_are_told_apart()
    {
        var shard = new IndexShard(1000);
        for (var block = 0; block < 1000; block++)
            Assert.True(shard.TryAdd(ulong.MaxValue, block, new PreservedVersion(PreservedKind.Data, block % 512, 0, 0)));
        for (var block = 0; block < 1000; block++)
        {
            Assert.True(shard.TryGet(ulong.MaxValue, block, out var version));
            Assert.Equal(block % 512, version.Log);
        }

        Assert.False(shard.Contains(ulong.MaxValue, 1000));
    }
}
