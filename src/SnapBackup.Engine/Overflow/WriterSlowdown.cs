namespace SnapBackup.Engine.Overflow;

/// <summary>
/// Slows writers as the logs get full, so that a log can be added, or a snapshot be ended, before they are: each by a share of the largest
/// delay that grows evenly with the fill.
/// </summary>
/// <remarks>
/// The delay counts from when writers began to wait for their commit group: the time that the group stood in a queue is part of it. So nobody
/// is held longer than the largest delay by it, and writers that wait for each other are slowed all the same.
/// </remarks>
internal sealed class WriterSlowdown(OverflowOptions options, TimeProvider clock)
{
    /// <summary>How much of the largest delay is due, from 0 to 1.</summary>
    public double ShareAt(LogRoom room)
    {
        if (room.Total == 0 || options.LargestDelay == TimeSpan.Zero || room.Fill < options.SlowFrom)
            return 0;
        return options.SlowFrom < 1 ? (room.Fill - options.SlowFrom) / (1 - options.SlowFrom) : 1;
    }

    /// <summary>Waits what is due.</summary>
    /// <param name="room">The room there is.</param>
    /// <param name="since">When the writers began to wait.</param>
    /// <param name="letGo">Cuts it short.</param>
    /// <returns>Whether there was anything to wait.</returns>
    public async ValueTask<bool> WaitAsync(LogRoom room, long since, CancellationToken letGo)
    {
        var left = (options.LargestDelay * ShareAt(room)) - clock.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
            return false;
        try
        {
            await Task.Delay(left, clock, letGo).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The device is being let go: what waits for these writers should not wait for this.
        }

        return true;
    }
}
