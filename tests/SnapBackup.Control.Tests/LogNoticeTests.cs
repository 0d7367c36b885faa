using SnapBackup.Blocks;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.Control.Tests;

/// <summary>Every stage on the way to full logs has its words.</summary>
public sealed class LogNoticeTests
{
    [Theory]
    [InlineData(LogFillStage.Filling, "web: its logs will be full in 00:01:30 if writes go on like this; 3 MiB are left. Add a log")]
    [InlineData(LogFillStage.Grown, "web: a log has grown; 3 MiB are free.")]
    [InlineData(LogFillStage.GrowthFailed, "web: a log could not grow: /log: no space. 3 MiB are left. Make room where it lies. Add a log")]
    [InlineData(LogFillStage.Slowed, "web: its logs are filling and 3 MiB are left, so writes are slowed. Add a log")]
    [InlineData(LogFillStage.Held, "web: its logs are full, and writes wait for room. Add a log")]
    [InlineData(LogFillStage.Overflowed, "web: its logs were full, and what was kept had to be given up. End the snapshots that are broken")]
    public void A_stage_is_told_with_device_cause_and_remedy(LogFillStage stage, string start)
    {
        var notice = LogNotice.Of("web", Told(stage));
        Assert.Equal(stage, notice.Stage);
        Assert.StartsWith(start, notice.Message, StringComparison.Ordinal);
        Assert.Equal(stage != LogFillStage.Grown, notice.IsWarning);
    }

    [Fact]
    public void Every_stage_but_none_has_words()
    {
        foreach (var stage in Enum.GetValues<LogFillStage>().Where(stage => stage != LogFillStage.None))
            Assert.NotEmpty(LogNotice.Of("web", Told(stage)).Message);
    }

    private static LogForecastEventArgs Told(LogFillStage stage) => new()
    {
        Stage = stage,
        FillFraction = 0.5,
        BytesFree = 3 << 20,
        BytesGrowable = 0,
        Rate = 1000,
        TimeUntilFull = TimeSpan.FromSeconds(89.5),
        GrowthFailure = stage == LogFillStage.GrowthFailed ? new BlockDeviceException(BlockDeviceError.NoSpace, "/log: no space.") : null,
    };
}
