using System.Diagnostics;
using SnapBackup.Benchmarks.Loads;
using SnapBackup.Benchmarks.Reporting;
using SnapBackup.Engine;

namespace SnapBackup.Benchmarks.Engine;

/// <summary>
/// Starting a snapshot while writers keep a queue of 32: of 1 TiB against 1 GiB, and the longest pause that a writer sees against a flush
/// of the same disk under the same writers. Sizes and flushes take turns.
/// </summary>
internal sealed class StartUnderLoad : ICase
{
    private const int Rounds = 25;
    private const int Depth = 32;
    private const long Written = 1L << 30;

    public string Name => "start";

    public async IAsyncEnumerable<CaseResult> RunAsync(WorkFolder folder)
    {
        await using var small = await SetUpAsync(folder, "small", 1L << 30);
        await using var large = await SetUpAsync(folder, "large", 1L << 40);
        var times = new List<(double Ours, double Theirs)>();
        var pauses = new List<(double Ours, double Theirs)>();
        for (var round = 0; round < Rounds; round++)
        {
            var (smallTime, smallPause, smallFlush) = await StartAsync(small, $"s{round}");
            var (largeTime, largePause, largeFlush) = await StartAsync(large, $"s{round}");
            times.Add((largeTime, smallTime));
            pauses.Add((Math.Max(smallPause, largePause), Math.Max(smallFlush, largeFlush)));
        }

        yield return CaseResult.OfRounds("start of 1 TiB, queue 32", "start of 1 GiB", "ms", times, "lower", 1.2);
        yield return CaseResult.OfRounds("longest pause of a writer at a start", "flush", "ms", pauses, "lower", 3);
    }

    private static Task<SnapDevice> SetUpAsync(WorkFolder folder, string name, long size) => SnapDevice.SetUpAsync(new SnapDeviceOptions
    {
        Name = name,
        Source = folder.MakeSparse(name, size),
        Logs = [new LogOptions { Path = folder[$"{name}.log"], Size = 4L << 30 }],
    });

    /// <summary>Times in milliseconds: the start, the longest write about it, and a flush of the source about the same time.</summary>
    private static async Task<(double Start, double Pause, double Flush)> StartAsync(SnapDevice device, string name)
    {
        await using var origin = device.OpenOrigin();
        await using var load = new WriterLoad(origin, Written, Depth);
        load.Start();
        await Task.Delay(200);
        var flush = await TimeAsync(() => origin.FlushAsync().AsTask());
        await Task.Delay(200);
        load.TakeLongest();
        var start = await TimeAsync(() => device.StartSnapshotAsync(name));
        await Task.Delay(20);
        var pause = load.TakeLongest();
        await device.EndSnapshotAsync(name);
        return (start, pause.TotalMilliseconds, flush);
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
