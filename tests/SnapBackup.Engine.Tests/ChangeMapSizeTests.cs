using SnapBackup.Engine.Changes;

namespace SnapBackup.Engine.Tests;

/// <summary>With pages of 4 KiB and regions of 64 KiB.</summary>
public sealed class ChangeMapSizeTests
{
    private const int PageBytes = 4096;
    private const long RegionsInTebibyte = 1L << 24;
    private const long RegionsInLargestSource = 64 * RegionsInTebibyte;

    [Fact]
    public void An_untouched_map_of_64_TiB_takes_less_than_300_KB()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var map = new ChangeMap(RegionsInLargestSource, PageBytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(map.Bytes, 0, 300_000);
        Assert.InRange(allocated, map.Bytes, map.Bytes + 8192);
    }

    [Fact]
    public void A_full_map_of_a_tebibyte_takes_2_1_MiB_at_the_most()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var map = new ChangeMap(RegionsInTebibyte, PageBytes);
        map.AddRange(0, RegionsInTebibyte - 1);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(RegionsInTebibyte, map.Count);
        Assert.InRange(map.Bytes, 2 << 20, (long)(2.1 * (1 << 20)));
        Assert.InRange(allocated, map.Bytes, map.Bytes + 8192);
    }

    [Fact]
    public void A_few_regions_of_64_TiB_take_a_page_each()
    {
        var map = new ChangeMap(RegionsInLargestSource, PageBytes);
        var untouched = map.Bytes;
        var regions = Enumerable.Range(0, 100).Select(i => i * (RegionsInLargestSource - 1) / 99).ToList();
        foreach (var region in regions)
            map.Add(region);
        Assert.Equal(regions.Select(region => (region, 1L)), map.Runs());
        Assert.Equal(100, map.Pages.Count());
        Assert.InRange(map.Bytes - untouched, 100 * PageBytes, 100 * (PageBytes + 64));
    }

    [Fact]
    public void A_run_over_all_of_64_TiB_is_one_run()
    {
        var map = new ChangeMap(RegionsInLargestSource, PageBytes);
        map.AddRange(1, RegionsInLargestSource - 2);
        Assert.Equal((1, RegionsInLargestSource - 2), Assert.Single(map.Runs()));
        Assert.True(map.ContainsAll(1, RegionsInLargestSource - 2));
        Assert.False(map.ContainsAll(1, RegionsInLargestSource - 1));
        Assert.False(map.ContainsAll(0, RegionsInLargestSource - 2));
    }
}
