using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace SnapBackup.PowerShell;

/// <summary>
/// Runs an asynchronous operation on PowerShell's pipeline thread: what follows an <c>await</c>, and the reports of a
/// <see cref="Progress{T}"/> made here, come back to that thread, the only one that may write objects, progress and
/// warnings.
/// </summary>
/// <remarks>
/// The thread is held until the operation has ended, also when it is cancelled or a callback fails: an operation that
/// takes down what it has set up is never left alone half way.
/// </remarks>
internal sealed class PipelineSynchronizationContext : SynchronizationContext
{
    private readonly Channel<(SendOrPostCallback Callback, object? State)> _queue =
        Channel.CreateUnbounded<(SendOrPostCallback, object?)>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Runs an operation to its end on the calling thread, and throws what it threw.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="abandon">
    /// Asks the operation to end, because a callback (a progress report) failed; what the callback threw is thrown when it has.
    /// </param>
    public static void Run(Func<Task> operation, Action abandon)
    {
        var previous = Current;
        var context = new PipelineSynchronizationContext();
        SetSynchronizationContext(context);
        try
        {
            context.Pump(operation(), abandon);
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A report that comes after the operation's end has nobody left to read it, and is dropped.</remarks>
    public override void Post(SendOrPostCallback d, object? state) => _queue.Writer.TryWrite((d, state));

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Work for the pipeline thread is posted; waiting for it could wait for itself.");

    private void Pump(Task operation, Action abandon)
    {
        // On the pool, since this thread is the one that waits for it.
        _ = operation.ContinueWith(
            _ => _queue.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        ExceptionDispatchInfo? failure = null;
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var work))
            {
                try
                {
                    work.Callback(work.State);
                }
                catch (Exception error)
                {
                    // What fails after the first is its consequence.
                    failure ??= ExceptionDispatchInfo.Capture(error);
                    abandon();
                }
            }
        }

        failure?.Throw();
        operation.GetAwaiter().GetResult();
    }
}
