using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>What a preserved block keeps in memory: what the heap has more after two million blocks at random places were preserved.</summary>
internal sealed class MemoryOfPreservedBlocks : ICase
{
    private const long Blocks = 2_000_000;
    private const long SourceSize = 64L << 30;

    public string Name => "memory a preserved block";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        var log = FileBlockDevice.Create(folder["log"], Blocks * 4096 * 5 / 4, allocate: true);
        await using var device = await SnapDevice.SetUpAsync("bench", new PatternDevice(SourceSize), [log], new DeviceSettings { Durability = LogDurability.Volatile });
        await device.StartSnapshotAsync("s");
        await using var origin = device.OpenOrigin();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await PreserveAsync(origin);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        yield return CaseResult.AtMost(Name, "bytes", (after - before) / (double)Blocks, 32);
    }

    private static async Task PreserveAsync(IBlockDevice origin)
    {
        // A step without a common divisor visits every block once, in no order that a table could like.
        const long Step = 7_368_787;
        const int Depth = 256;
        var data = new byte[4096];
        var writes = new Task[Depth];
        for (var done = 0L; done < Blocks; done += Depth)
        {
            for (var i = 0; i < Depth; i++)
                writes[i] = origin.WriteAsync((done + i) * Step % (SourceSize / 4096) * 4096, data).AsTask();
            await Task.WhenAll(writes);
        }
    }
}
