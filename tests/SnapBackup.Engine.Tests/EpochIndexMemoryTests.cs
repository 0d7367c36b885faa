using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Tests;

public sealed class EpochIndexMemoryTests
{
    private const int Blocks = 2_000_000;
    private const int BytesAnEntry = 26;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(4096)]
    [InlineData(0)]
    public void An_entry_takes_26_bytes_at_the_most_at_any_count_from_100_000(int stride)
    {
        var random = new Random(1);
        var index = new EpochIndex();
        for (var i = 0L; i < Blocks; i++)
        {
            index.TryAdd(stride == 0 ? random.NextInt64(1L << 34) : i * stride, default);
            if (index.Count >= 100_000 && index.Count % 997 == 0)
                Assert.InRange(index.Bytes, index.Count * IndexEntry.Size, index.Count * BytesAnEntry);
        }
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void An_index_that_knows_how_much_comes_takes_memory_once(int count)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var index = new EpochIndex(count);
        for (var block = 0; block < count; block++)
            index.Add(block, default);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(index.Bytes, (long)count * IndexEntry.Size, (long)count * BytesAnEntry);
        Assert.InRange(allocated, index.Bytes, index.Bytes * 102 / 100);
    }

    [Fact]
    public void A_small_index_is_small()
    {
        var index = new EpochIndex();
        Assert.InRange(index.Bytes, 0, 4096);
        for (var block = 0; block < 100; block++)
            index.Add(block, default);
        Assert.InRange(index.Bytes, 100 * IndexEntry.Size, 20_000);
    }

    [Fact]
    public void An_expectation_alone_takes_no_memory() => Assert.InRange(new EpochIndex(1_000_000_000).Bytes, 0, 4096);
}
