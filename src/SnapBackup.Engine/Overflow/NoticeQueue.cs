namespace SnapBackup.Engine.Overflow;

/// <summary>
/// Gives notices to listeners one at a time, in order, on a pool thread that nobody waits for. So a listener that blocks holds up later
/// notices and nothing else, and one that fails nothing at all.
/// </summary>
internal sealed class NoticeQueue
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    public void Enqueue(Action notice)
    {
        lock (_lock)
            _last = _last.ContinueWith(_ => Give(notice), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static void Give(Action notice)
    {
        try
        {
            notice();
        }
        catch (Exception)
        {
            // A listener's failure is its own affair.
        }
    }
}
