using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Tests;

/// <summary>
/// What linear probing costs over the hash, with tables at their fullest. Random numbers give 3 probes for a hit and
/// 13 for a miss; no pattern of blocks may be worse.
/// </summary>
public sealed class BlockHashTests
{
    private const int Blocks = 500_000;
    private const double Load = 0.8;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(256)]
    [InlineData(1000)]
    [InlineData(4096)]
    [InlineData(32768)]
    [InlineData(1 << 20)]
    public void Probing_stays_short_for_every_nth_block(long stride) =>
        AssertShort(Enumerable.Range(0, Blocks).Select(i => i * stride));

    [Fact]
    public void Probing_stays_short_for_scattered_runs() =>
        AssertShort(Enumerable.Range(0, Blocks).Select(i => (i / 64 * 1_048_573L) + (i % 64)));

    [Fact]
    public void Probing_stays_short_for_random_blocks()
    {
        var random = new Random(1);
        AssertShort(Enumerable.Range(0, Blocks).Select(_ => random.NextInt64(1L << 34)).Distinct());
    }

    private static void AssertShort(IEnumerable<long> blocks)
    {
        var shards = blocks.Select(BlockHash.Of).ToLookup(hash => hash >> (64 - EpochIndex.ShardBits), hash => hash << EpochIndex.ShardBits);
        var tables = shards.Select(shard => Fill(shard.ToList())).ToList();
        Assert.Equal(1 << EpochIndex.ShardBits, tables.Count);
        Assert.InRange(tables.Average(table => table.Hit), 1, 3.5);
        Assert.InRange(tables.Average(table => table.Miss), 1, 16);
        Assert.InRange(shards.Max(shard => shard.Count()), 1, Blocks / tables.Count * 5 / 4);
    }

    /// <summary>The probes of a hit and of a miss, on average over all entries and over all places.</summary>
    private static (double Hit, double Miss) Fill(List<ulong> hashes)
    {
        var taken = new bool[(int)(hashes.Count / Load) + 1];
        var hits = 0L;
        foreach (var hash in hashes)
        {
            var probes = Probes(taken, (int)Math.BigMul(hash, (ulong)taken.Length, out var _));
            hits += probes.Count;
            taken[probes.End] = true;
        }

        var misses = Enumerable.Range(0, taken.Length).Sum(place => Probes(taken, place).Count);
        return ((double)hits / hashes.Count, (double)misses / taken.Length);
    }

    private static (long Count, int End) Probes(bool[] taken, int place)
    {
        var count = 1L;
        for (; taken[place]; place = (place + 1) % taken.Length)
            count++;
        return (count, place);
    }
}
