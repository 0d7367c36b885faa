using System.Diagnostics;
using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>
/// Opening a device again whose process died with a million preserved blocks in the log: files as they were, copied
/// by the file system, so that nothing was let go in order.
/// </summary>
internal sealed class ReopeningAfterCrash : ICase
{
    private const long Blocks = 1_000_000;
    private const long SourceSize = 64L << 30;

    public string Name => "opening after a crash with 1,000,000 blocks";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        await FillAsync(folder);
        var log = FileBlockDevice.Open(folder["crashed"]);
        var start = Stopwatch.GetTimestamp();
        await using var device = await SnapDevice.OpenAsync("bench", new PatternDevice(SourceSize), [log], new DeviceSettings());
        var time = Stopwatch.GetElapsedTime(start);
        var snapshot = device.GetSnapshot("s");
        if (snapshot.State != SnapshotState.Active || snapshot.PreservedBlocks != Blocks)
            throw new InvalidOperationException($"The snapshot is {snapshot.State} and has {snapshot.PreservedBlocks} blocks.");
        yield return CaseResult.AtMost(Name, "s", time.TotalSeconds, 2);
    }

    private static async Task FillAsync(WorkFolder folder)
    {
        var log = FileBlockDevice.Create(folder["log"], Blocks * 4096 * 5 / 4, allocate: true);
        await using var device = await SnapDevice.SetUpAsync("bench", new PatternDevice(SourceSize), [log], new DeviceSettings());
        await device.StartSnapshotAsync("s");
        await using var origin = device.OpenOrigin();
        const int Depth = 32;
        var data = new byte[4096];
        var writes = new Task[Depth];
        for (var done = 0L; done < Blocks; done += Depth)
        {
            for (var i = 0; i < Depth; i++)
                writes[i] = origin.WriteAsync((done + i) * 7_368_787 % (SourceSize / 4096) * 4096, data).AsTask();
            await Task.WhenAll(writes);
        }

        File.Copy(folder["log"], folder["crashed"]);
        await using var copy = FileBlockDevice.Open(folder["crashed"]);
        await copy.FlushAsync(); // as the log was: every commit group was flushed
    }
}
