using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>What tracking a tebibyte keeps in memory when every region has changed since the bookmark and since the one before.</summary>
internal sealed class MemoryOfTracking : ICase
{
    private const long SourceSize = 1L << 40;
    private const int Request = 16 << 20;

    public string Name => "memory of tracking 1 TiB at 64 KiB";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        var log = FileBlockDevice.Create(folder["log"], 4L << 30, allocate: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        // Memory is the same whether the log is flushed or not, and the million first touches take seconds instead of minutes.
        var settings = new DeviceSettings { Durability = LogDurability.Volatile };
        await using var device = await SnapDevice.SetUpAsync("bench", new PatternDevice(SourceSize), [log], settings);
        await using var origin = device.OpenOrigin();
        await device.StartSnapshotAsync("b");
        await device.EndSnapshotAsync("b", keepChanges: true);
        var data = new byte[Request];
        for (var offset = 0L; offset < SourceSize; offset += Request)
            await origin.WriteAsync(offset, data);
        var changed = (await device.CompareAsync("b")).Sum(range => range.Length);
        if (changed != SourceSize)
            throw new InvalidOperationException($"{changed} bytes are known to have changed, which is not all.");
        data = null;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        yield return CaseResult.AtMost(Name, "MiB", (after - before) / (double)(1 << 20), 4);
    }
}
