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

    /// <summary>
    /// Two lanes a worker, so that one frame is read or written while another is worked on, as far as memory allows.
    /// </summary>
    public static int Count(int workers, int frameSize) => (int)Math.Clamp(BufferBudget / (2L * frameSize), 1, 2L * workers);

    /// <summary>Runs <paramref name="work"/> on each frame. The first failure stops the others and is thrown when all have stopped.</summary>
    public static async Task RunAsync<TLane>(
        Range frames, int lanes, Func<TLane> makeLane, Func<TLane, int, CancellationToken, ValueTask> work, CancellationToken cancellationToken)
        where TLane : IDisposable
    {
        var idle = new ConcurrentBag<TLane>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = cancellationToken };
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
            if (!idle.TryTake(out var lane))
                lane = makeLane();
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
}
