using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>A source of 64 TiB: what it keeps in memory with a snapshot and a bookmark, written here and there, and that what it says is right.</summary>
internal sealed class LargestSource : ICase
{
    private const long SourceSize = 64L << 40;

    public string Name => "memory of a sparse source of 64 TiB";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        var log = FileBlockDevice.Create(folder["log"], 256 << 20, allocate: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var device = await SnapDevice.SetUpAsync("bench", new PatternDevice(SourceSize), [log], new DeviceSettings());
        await using var origin = device.OpenOrigin();
        await device.StartSnapshotAsync("s");
        for (var i = 0L; i < 1000; i++)
            await origin.WriteAsync((SourceSize - 4096) / 999 * i, new byte[4096]);
        if ((await device.CompareAsync("s")).Count is < 1000 or > 2000)
            throw new InvalidOperationException("The writes are not told as changes.");
        var after = GC.GetTotalMemory(forceFullCollection: true);
        yield return CaseResult.AtMost(Name, "MiB", (after - before) / (double)(1 << 20), 64);
    }
}
