using System.Diagnostics;
using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>Writes of 4 KiB through the origin when only a bookmark is kept and the regions are known to have changed, against the bare device.</summary>
internal sealed class WritesToTrackedRegions : ICase
{
    private const int Rounds = 21;
    private const long Size = 256L << 20;
    private const int Block = 4096;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(300);

    public string Name => "writes to tracked regions";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        await using var bare = FileBlockDevice.Open(folder.MakeSparse("bare", Size));
        await using var device = await SnapDevice.SetUpAsync(new SnapDeviceOptions
        {
            Name = "bench",
            Source = folder.MakeSparse("source", Size),
            Logs = [new LogOptions { Path = folder["log"], Size = 64 << 20 }],
        });
        await using var origin = device.OpenOrigin();
        await device.StartSnapshotAsync("b");
        await device.EndSnapshotAsync("b", keepChanges: true);
        foreach (var disk in new[] { bare, origin })
        {
            // In blocks, not in large pieces: the page cache keeps the pieces in which a file was written, and writing into a large one costs more.
            for (var offset = 0L; offset < Size; offset += Block)
                await disk.WriteAsync(offset, new byte[Block]);
        }

        foreach (var depth in new[] { 1, 32 })
        {
            var rounds = new List<(double Ours, double Theirs)>();
            for (var round = 0; round < Rounds; round++)
                rounds.Add(round % 2 == 0 ? (await RateAsync(origin, depth), await RateAsync(bare, depth)) : Swap(await RateAsync(bare, depth), await RateAsync(origin, depth)));
            yield return CaseResult.OfRounds($"write 4 KiB, tracked, queue {depth}", "bare device", "1/s", rounds, "higher", 0.95);
        }
    }

    private static (double Ours, double Theirs) Swap(double theirs, double ours) => (ours, theirs);

    private static async Task<double> RateAsync(IBlockDevice disk, int depth)
    {
        await disk.FlushAsync(); // so that neither pays for what the round before it left dirty
        var start = Stopwatch.GetTimestamp();
        var load = new WriterLoad(disk, Size, depth);
        await using (load)
        {
            load.Start();
            await Task.Delay(Round);
        }

        return load.Count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
