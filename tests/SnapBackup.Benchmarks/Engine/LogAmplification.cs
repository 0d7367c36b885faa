using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>What is written to the log for a byte that is preserved, with first overwrites of 4 KiB at random places from a queue of 32.</summary>
internal sealed class LogAmplification : ICase
{
    private const long Size = 8L << 30;

    public string Name => "log write amplification, 4 KiB, queue 32";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        var log = FileBlockDevice.Create(folder["log"], 4L << 30, allocate: true);
        await using var device = await SnapDevice.SetUpAsync("bench", new PatternDevice(Size), [log], new DeviceSettings());
        await device.StartSnapshotAsync("s");
        await using (var origin = device.OpenOrigin())
        {
            await using var load = new WriterLoad(origin, Size, depth: 32);
            load.Start();
            while (load.Count < 200_000)
                await Task.Delay(50);
        }

        var statistics = device.GetStatistics();
        yield return CaseResult.AtMost(Name, "B/B", statistics.LogBytesWritten / (statistics.BlocksPreserved * 4096.0), 1.15);
    }
}
