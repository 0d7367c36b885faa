using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

public sealed class LogLayoutTests
{
    [Fact]
    public void Superblocks_catalogs_and_segments_have_these_places()
    {
        Assert.Equal((4096, 512), (LogLayout.Alignment, LogLayout.Sector));
        Assert.Equal((8192L, 32_768, 73_728L), (LogLayout.CatalogOffset, LogLayout.CatalogSlotSize, LogLayout.SegmentsOffset));
    }

    [Theory]
    [InlineData(139_264, 4096, 65_536)]
    [InlineData(73_728 + (512L * 65_536) - 1, 4096, 65_536)]
    [InlineData(73_728 + (512L * 65_536), 4096, 131_072)]
    [InlineData(1L << 30, 4096, 2 << 20)]
    [InlineData(1L << 40, 4096, 16 << 20)]
    [InlineData(5L << 20, 1 << 20, 4 << 20)]
    public void Segments_grow_with_the_log_and_hold_some_blocks(long logSize, int blockSize, int segmentSize) =>
        Assert.Equal(segmentSize, LogLayout.SegmentSize(logSize, blockSize));

    [Theory]
    [InlineData(4096, 139_264)]
    [InlineData(1 << 20, 4_268_032)]
    public void The_smallest_log_has_one_segment(int blockSize, long smallest) => Assert.Equal(smallest, LogLayout.SmallestLog(blockSize));
}
