using CsCheck;
using SnapBackup.Engine.Changes;

namespace SnapBackup.Engine.Tests;

public sealed class ChangeMapTests
{
    private static readonly Gen<(int Regions, int PageBytes)> Shape =
        Gen.Select(Gen.Int[1, 1500], Gen.Int[3, 7].Select(bits => 1 << bits));

    [Fact]
    public void It_behaves_like_a_set_of_regions() =>
        Gen.Select(Shape, Gen.Select(Gen.Int[0, 1499], Gen.Int[0, 300]).Array[0, 40]).Sample((shape, ranges) =>
        {
            var map = new ChangeMap(shape.Regions, shape.PageBytes);
            var model = new bool[shape.Regions];
            foreach (var (first, last) in ranges.Select(range => Inside(range, shape.Regions)))
            {
                if (first == last)
                    map.Add(first);
                else
                    map.AddRange(first, last);
                model.AsSpan(first..(last + 1)).Fill(true);
            }

            AssertSame(model, map);
            foreach (var (first, last) in ranges.Select(range => Inside((range.Item2, range.Item1), shape.Regions)))
                Assert.Equal(!model.AsSpan(first..(last + 1)).Contains(false), map.ContainsAll(first, last));
        });

    [Fact]
    public void A_union_holds_what_either_holds_and_leaves_the_other_as_it_was() =>
        Gen.Select(Shape, Gen.Bool.Array[1500], Gen.Bool.Array[1500]).Sample((shape, ours, theirs) =>
        {
            Array.Resize(ref ours, shape.Regions);
            Array.Resize(ref theirs, shape.Regions);
            var map = Of(ours, shape.PageBytes);
            var other = Of(theirs, shape.PageBytes);
            map.UnionWith(other);
            AssertSame([.. ours.Zip(theirs, (our, their) => our || their)], map);
            AssertSame(theirs, other);
        });

    [Fact]
    public void A_map_put_together_from_its_stored_pages_is_the_same() =>
        Gen.Select(Shape, Gen.Bool.Array[1500], Gen.Int[0, 1500]).Sample((shape, regions, hole) =>
        {
            Array.Resize(ref regions, shape.Regions);
            regions.AsSpan(Math.Min(hole, shape.Regions)..).Clear();
            var again = new ChangeMap(shape.Regions, shape.PageBytes);
            foreach (var (page, bits) in Of(regions, shape.PageBytes).Pages)
            {
                Assert.True(bits.Span.ContainsAnyExcept((byte)0));
                Assert.True(again.TryUnionWithPage(page, bits.Span));
            }

            AssertSame(regions, again);
        });

    [Fact]
    public void A_page_is_stored_as_little_endian_words_whose_lowest_bit_is_the_first_region()
    {
        var map = new ChangeMap(1000, 16);
        foreach (var region in new[] { 256, 256 + 9, 256 + 64, 256 + 127 })
            map.Add(region);
        var (page, bits) = Assert.Single(map.Pages);
        Assert.Equal(2, page);
        Assert.Equal("01020000000000000100000000000080", Convert.ToHexString(bits.Span));
    }

    [Fact]
    public void A_page_that_was_handed_out_stays_as_it_is()
    {
        var map = new ChangeMap(64, 8);
        map.Add(0);
        var (_, bits) = Assert.Single(map.Pages);
        map.Add(1);
        Assert.Equal(1, bits.Span[0]);
    }

    [Theory]
    [InlineData(-1, 16)]
    [InlineData(8, 16)]
    [InlineData(long.MinValue, 16)]
    [InlineData(long.MaxValue, 16)]
    [InlineData(1L << 32, 16)]
    [InlineData(0, 15)]
    [InlineData(0, 17)]
    [InlineData(0, 0)]
    [InlineData(7, 16)]
    public void A_page_that_cannot_be_ours_is_refused_and_nothing_is_added(long page, int length)
    {
        var map = new ChangeMap((7 * 128) + 127, 16);
        var bits = new byte[length];
        bits.AsSpan().Fill(0xFF);
        Assert.False(map.TryUnionWithPage(page, bits));
        Assert.Equal(0, map.Count);
        Assert.Empty(map.Pages);
    }

    [Fact]
    public void A_last_page_may_be_full_up_to_the_last_region()
    {
        var map = new ChangeMap(128 + 65, 16);
        var bits = Convert.FromHexString("FFFFFFFFFFFFFFFF0100000000000000");
        Assert.True(map.TryUnionWithPage(1, bits));
        Assert.Equal((128, 65), Assert.Single(map.Runs()));
        bits[8] = 2;
        Assert.False(map.TryUnionWithPage(1, bits));
        Assert.Equal(65, map.Count);
    }

    [Fact]
    public void A_stored_page_without_a_bit_takes_no_memory()
    {
        var map = new ChangeMap(1000, 16);
        var before = map.Bytes;
        Assert.True(map.TryUnionWithPage(3, new byte[16]));
        Assert.Equal(before, map.Bytes);
        Assert.Empty(map.Pages);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 100)]
    [InlineData(100, 100)]
    [InlineData(2, 1)]
    [InlineData(0, long.MaxValue)]
    public void Regions_that_are_not_there_are_refused(long first, long last)
    {
        var map = new ChangeMap(100, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.AddRange(first, last));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.ContainsAll(first, last));
        Assert.Equal(0, map.Count);
    }

    [Fact]
    public void Maps_of_different_shape_are_not_united()
    {
        var map = new ChangeMap(100, 8);
        Assert.Throws<ArgumentException>(() => map.UnionWith(new ChangeMap(101, 8)));
        Assert.Throws<ArgumentException>(() => map.UnionWith(new ChangeMap(100, 16)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(24)]
    [InlineData(-8)]
    public void A_page_is_a_power_of_two_of_at_least_8_bytes(int pageBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChangeMap(100, pageBytes));

    [Fact]
    public void An_empty_source_has_no_changes()
    {
        var map = new ChangeMap(0, 4096);
        Assert.Empty(map.Runs());
        Assert.Empty(map.Pages);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Add(0));
        Assert.False(map.TryUnionWithPage(0, new byte[4096]));
    }

    private static (int First, int Last) Inside((int First, int Length) range, int regions)
    {
        var first = range.First % regions;
        return (first, Math.Min(first + range.Length, regions - 1));
    }

    private static ChangeMap Of(bool[] regions, int pageBytes)
    {
        var map = new ChangeMap(regions.Length, pageBytes);
        for (var region = 0; region < regions.Length; region++)
        {
            if (regions[region])
                map.Add(region);
        }

        return map;
    }

    private static void AssertSame(bool[] model, ChangeMap map)
    {
        Assert.Equal(model, Enumerable.Range(0, model.Length).Select(region => map.Contains(region)));
        Assert.Equal(model.Count(written => written), map.Count);
        var end = 0L;
        var inRuns = new bool[model.Length];
        foreach (var (first, count) in map.Runs())
        {
            Assert.True(first > end || end == 0, "runs ascend and do not touch");
            Assert.True(count > 0);
            inRuns.AsSpan((int)first, (int)count).Fill(true);
            end = first + count;
        }

        Assert.Equal(model, inRuns);
    }
}
