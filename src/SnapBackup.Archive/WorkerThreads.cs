using System.Collections.Concurrent;

namespace SnapBackup.Archive;

/// <summary>
/// Threads for the codec alone, as many as processors may be used. On the pool's threads it would hold up, for milliseconds
/// a frame, those who serve the users of the disk in the same process.
/// </summary>
internal sealed class WorkerThreads : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> _tasks = [];
    private readonly List<Thread> _threads = [];

    public WorkerThreads(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"archive worker {number}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    // What follows the work runs elsewhere: it may end in Dispose, which waits for these threads.
    public Task<T> RunAsync<T>(Func<T> work) => Task.Factory.StartNew(
        work, CancellationToken.None, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.RunContinuationsAsynchronously, this);

    /// <summary>Ends the threads. Nothing is under way any more.</summary>
    public void Dispose()
    {
        _tasks.CompleteAdding();
        foreach (var thread in _threads)
            thread.Join();
        _tasks.Dispose();
    }

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Work()
    {
        foreach (var task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }
}
