using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>What is to be said about logs that fill.</summary>
/// <param name="Stage">How far it has come, or what has happened.</param>
/// <param name="Message">The device, what happens and what to do.</param>
public sealed record LogNotice(LogFillStage Stage, string Message)
{
    private const string Remedy = "Add a log, or end snapshots that are not needed.";

    /// <summary>Whether something should be done about it.</summary>
    public bool IsWarning => Stage != LogFillStage.Grown;

    /// <summary>What a device has told.</summary>
    /// <param name="device">Its name.</param>
    /// <param name="told">What it told.</param>
    public static LogNotice Of(string device, LogForecastEventArgs told) =>
        new(told.Stage, $"{device}: {Describe(told.Stage, told.BytesFree, told.TimeUntilFull, told.GrowthFailure)}");

    /// <summary>What is to be said about a device as it is; null when there is room enough.</summary>
    internal static LogNotice? Of(string device, SnapDeviceStatistics now) => now.LogFillStage == LogFillStage.None
        ? null
        : new LogNotice(now.LogFillStage, $"{device}: {Describe(now.LogFillStage, now.LogFree, now.TimeUntilLogFull, growthFailure: null)}");

    private static string Describe(LogFillStage stage, long free, TimeSpan? untilFull, Exception? growthFailure)
    {
        var left = new ByteSize(free);
        return stage switch
        {
            LogFillStage.Filling => $"its logs will be full in {InSeconds(untilFull)} if writes go on like this; {left} are left. {Remedy}",
            LogFillStage.Grown => $"a log has grown; {left} are free.",
            LogFillStage.GrowthFailed => $"a log could not grow: {growthFailure?.Message.TrimEnd('.')}. {left} are left. Make room where it lies. {Remedy}",
            LogFillStage.Slowed => $"its logs are filling and {left} are left, so writes are slowed. {Remedy}",
            LogFillStage.Held => $"its logs are full, and writes wait for room. {Remedy}",
            LogFillStage.Overflowed => "its logs were full, and what was kept had to be given up. End the snapshots that are broken, and give the device more logs.",
            _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "nothing is to be said about this stage"),
        };
    }

    private static string InSeconds(TimeSpan? time) => $"{TimeSpan.FromSeconds(Math.Ceiling(time.GetValueOrDefault().TotalSeconds)):c}";
}
