using System.Diagnostics;
using SnapBackup.Blocks;

namespace SnapBackup.Benchmarks.Loads;

/// <summary>Writers that write blocks at random places one after the other, as many at a time as the queue is deep.</summary>
internal sealed class WriterLoad(IBlockDevice device, long range, int depth, int blockSize = 4096) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _data = MakeData(blockSize);
    private readonly List<Task> _writers = [];
    private long _longest;
    private long _count;

    /// <summary>How many writes have completed.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Start()
    {
        for (var writer = 0; writer < depth; writer++)
        {
            var seed = writer;
            _writers.Add(Task.Run(() => WriteAsync(new Random(seed))));
        }
    }

    /// <summary>The longest that a write took since this was asked last.</summary>
    public TimeSpan TakeLongest() => Stopwatch.GetElapsedTime(0, Interlocked.Exchange(ref _longest, 0));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
        _stop.Dispose();
    }

    private static byte[] MakeData(int blockSize)
    {
        var data = new byte[blockSize];
        new Random(1).NextBytes(data);
        return data;
    }

    private async Task WriteAsync(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            await device.WriteAsync(random.NextInt64(range / _data.Length) * _data.Length, _data);
            Interlocked.Increment(ref _count);
            Note(Stopwatch.GetTimestamp() - start);
            await Task.Yield();
        }
    }

    private void Note(long ticks)
    {
        var longest = Volatile.Read(ref _longest);
        while (ticks > longest)
        {
            var seen = Interlocked.CompareExchange(ref _longest, ticks, longest);
            if (seen == longest)
                return;
            longest = seen;
        }
    }
}
