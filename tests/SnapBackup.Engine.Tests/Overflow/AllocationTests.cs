namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>Where segments land with logs of different sizes, and that the space of ended snapshots is used again.</summary>
public sealed class AllocationTests
{
    /// <summary>How many blocks fit into a segment of 64 KiB when each is a commit group of its own.</summary>
    private const int BlocksASegment = 7;

    [Theory]
    [InlineData(LogAllocation.Sequential, "000012")]
    [InlineData(LogAllocation.Striped, "012000")]
    [InlineData(LogAllocation.MostFree, "000012")]
    public async Task Segments_land_where_the_allocation_says(LogAllocation allocation, string expected)
    {
        await using var disk = await CreateAsync(allocation, 4, 1, 1);
        await disk.Device.StartSnapshotAsync("s");
        Assert.Equal(expected, await FillSegmentsAsync(disk, expected.Length));
    }

    [Fact]
    public async Task Most_free_fills_logs_of_different_sizes_at_the_same_time()
    {
        await using var disk = await CreateAsync(LogAllocation.MostFree, 2, 6, 4);
        await disk.Device.StartSnapshotAsync("s");
        Assert.Equal("111212012012", await FillSegmentsAsync(disk, 12));
    }

    [Theory]
    [InlineData(LogAllocation.Sequential)]
    [InlineData(LogAllocation.Striped)]
    [InlineData(LogAllocation.MostFree)]
    public async Task A_log_that_is_full_or_failed_is_left_out(LogAllocation allocation)
    {
        await using var disk = await CreateAsync(allocation, 3, 3, 3);
        var frozen = disk.Source.Content.ToArray();
        await disk.Device.StartSnapshotAsync("s");
        disk.Logs[1].Fault = (operation, _, _) =>
        {
            if (operation == "write")
                throw Errors.BadMedium("log1");
        };
        var order = await FillSegmentsAsync(disk, 5);
        Assert.DoesNotContain('1', order);
        Assert.Equal(frozen, await disk.Device.GetSnapshot("s").ReadAllAsync());
    }

    [Theory]
    [InlineData(LogAllocation.Sequential)]
    [InlineData(LogAllocation.Striped)]
    [InlineData(LogAllocation.MostFree)]
    public async Task The_space_of_ended_snapshots_is_used_again_for_ever(LogAllocation allocation)
    {
        await using var disk = await CreateAsync(allocation, 2, 3, 1);
        for (var night = 0; night < 30; night++)
        {
            var frozen = disk.Source.Content.ToArray();
            await disk.Device.StartSnapshotAsync($"night{night}");
            await FillSegmentsAsync(disk, 2, (byte)night);
            Assert.Equal(frozen, await disk.Device.GetSnapshot($"night{night}").ReadAllAsync());
            if (night > 0)
                await disk.Device.EndSnapshotAsync($"night{night - 1}");
            Assert.InRange(disk.Device.GetStatistics().LogUsed, 2 * (64 << 10), 4 * (64 << 10));
            if (night % 7 == 6)
                await disk.ReopenAsync();
        }

        await disk.Device.EndSnapshotAsync("night29");
        Assert.Equal(0, disk.Device.GetStatistics().LogUsed);
    }

    [Theory]
    [InlineData(LogAllocation.Sequential, '1')]
    [InlineData(LogAllocation.Striped, '1')]
    [InlineData(LogAllocation.MostFree, '1')]
    public async Task An_added_log_takes_part(LogAllocation allocation, char added)
    {
        await using var disk = await CreateAsync(allocation, 2);
        await disk.Device.StartSnapshotAsync("s");
        await FillSegmentsAsync(disk, 1);
        await disk.AddLogAsync(Disk.LogOf(4));
        Assert.Contains(added, await FillSegmentsAsync(disk, 2, firstSegment: 1));
    }

    private static Task<Disk> CreateAsync(LogAllocation allocation, params int[] segments) => Disk.CreateAsync(
        4 << 20, [.. segments.Select(Disk.LogOf)], new DeviceSettings { Allocation = allocation, Overflow = new OverflowOptions { LargestDelay = TimeSpan.Zero } });

    /// <summary>Fills segments by writes of one block each, to blocks that hold data, and tells on which log each came to lie.</summary>
    private static async Task<string> FillSegmentsAsync(Disk disk, int count, byte value = 1, int firstSegment = 0)
    {
        var order = "";
        for (var segment = firstSegment; segment < firstSegment + count; segment++)
        {
            var before = disk.Logs.Select(log => log.Content.AsSpan(72 << 10).ToArray()).ToArray();
            for (var block = segment * BlocksASegment; block < (segment + 1) * BlocksASegment; block++)
                await disk.FillAsync(block << 12, 4096, (byte)(value + 1));
            for (var log = 0; log < disk.Logs.Length; log++)
            {
                // The summary of a segment that was closed is no new segment.
                if (Headers(before[log]) != Headers(disk.Logs[log].Content.AsSpan(72 << 10).ToArray()))
                    order += log;
            }
        }

        return order;

        static string Headers(byte[] segments) =>
            string.Concat(Enumerable.Range(0, segments.Length / (64 << 10)).Select(i => Convert.ToHexString(segments.AsSpan(i * (64 << 10), 88))));
    }
}
