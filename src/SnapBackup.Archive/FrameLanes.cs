using System.Collections.Concurrent;

namespace SnapBackup.Archive;

/// <summary>
/// Works on many frames at once. A lane is one frame under way with the buffers and the codec it needs; frames are
/// begun in order and end in any.
/// </summary>
internal static class FrameLanes
{
    // What the frames under way may take, content and compressed form together, whatever the number of processors.
    private const long BufferBudget = 128 * 1024 * 1024;

    /// <summary>Runs <paramref name="work"/> on each frame. The first failure stops the others and is thrown when all have stopped.</summary>
    public static async Task RunAsync<TLane>(
        Range frames,
        int frameSize,
        int workers,
        Func<WorkerThreads, TLane> makeLane,
        Func<TLane, int, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken)
        where TLane : IDisposable
    {
        using var threads = new WorkerThreads(workers);
        var idle = new ConcurrentBag<TLane>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Count(workers, frameSize), CancellationToken = cancellationToken };
        try
        {
            var numbers = Enumerable.Range(frames.Start.Value, frames.End.Value - frames.Start.Value);
            await Parallel.ForEachAsync(numbers, options, WorkAsync).ConfigureAwait(false);
        }
        finally
        {
            foreach (var lane in idle)
                lane.Dispose();
        }

        async ValueTask WorkAsync(int frame, CancellationToken stop)
        {
            // Frames of holes never wait for anything: without this a lane would keep its pool thread through all of them.
            await Task.Yield();
            if (!idle.TryTake(out var lane))
                lane = makeLane(threads);
            try
            {
                await work(lane, frame, stop).ConfigureAwait(false);
            }
            finally
            {
                idle.Add(lane);
            }
        }
    }

    /// <summary>
    /// Two lanes a worker, so that one frame is read or written while another is worked on, as far as memory allows.
    /// </summary>
    private static int Count(int workers, int frameSize) => (int)Math.Clamp(BufferBudget / (2L * frameSize), 1, 2L * workers);
}
