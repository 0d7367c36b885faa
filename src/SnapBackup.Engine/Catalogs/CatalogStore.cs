using System.Collections.Immutable;
using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Catalogs;

/// <summary>
/// Keeps the catalog on every log. A change is made durable on all logs that are sound before it counts; a log that fails meanwhile is
/// written down as failed on the others.
/// </summary>
/// <remarks>
/// Invariants: <see cref="Current"/> is the new one when it is durable, so that nothing is given back that a crash may find needed; and it is the new one
/// even if no log took it, because some of it may be durable: what a catalog on any log may say is never more than what memory knows.
/// </remarks>
internal sealed class CatalogStore(Catalog current, LogSet logs) : IDisposable
{
    /// <summary>Held while the catalog changes. Taken last: whoever holds it takes no other lock.</summary>
    private readonly SemaphoreSlim _change = new(1, 1);
    private volatile Catalog _current = current;

    public Catalog Current => _current;

    /// <summary>Changes the catalog.</summary>
    /// <param name="change">Makes the new one from the one that is current when it is its turn.</param>
    /// <returns>Whether it is durable; if not, every log has failed.</returns>
    public async ValueTask<bool> UpdateAsync(Func<Catalog, Catalog> change)
    {
        await _change.WaitAsync().ConfigureAwait(false);
        var next = _current;
        try
        {
            next = change(next);
            // That the source is half rolled back is to be known after a power cut, also after more changes, though nothing else of volatile logs is.
            var flushAlways = next.RollbackTarget != Guid.Empty || next.RollbackTarget != _current.RollbackTarget;
            while (true)
            {
                var sound = logs.Logs.Where(log => log.IsSound).ToList();
                next = next with
                {
                    Generation = next.Generation + 1,
                    FailedLogs = FailedLogs(next),
                    VersionsTail = logs.TailOf(SegmentClass.Versions),
                    ChangesTail = logs.TailOf(SegmentClass.Changes),
                };
                await Task.WhenAll(logs.Logs.Select(log => TryAsync(
                    log, next, (bytes, generation) => log.WriteCatalogAsync(bytes, generation, flushAlways)))).ConfigureAwait(false);
                if (sound.TrueForAll(log => log.IsSound))
                    return sound.Count > 0;
            }
        }
        finally
        {
            _current = next;
            _change.Release();
        }
    }

    /// <summary>
    /// Brings logs that a crash left one generation behind up to the others, before the next generation is written: so logs never differ by more than one.
    /// One of them may have been on the way to be added, and counts itself from here on.
    /// </summary>
    /// <param name="newest">The newest catalog, as it was found.</param>
    /// <param name="behind">The logs that have an older one.</param>
    public static async ValueTask CatchUpAsync(Catalog newest, IEnumerable<LogVolume> behind)
    {
        foreach (var log in behind)
            await TryAsync(log, newest, log.WriteFirstCatalogAsync).ConfigureAwait(false);
    }

    /// <summary>Looks at what stands on the logs while the catalog cannot change.</summary>
    public async ValueTask WhileUnchangedAsync(Func<Catalog, ValueTask> look)
    {
        await _change.WaitAsync().ConfigureAwait(false);
        try
        {
            await look(_current).ConfigureAwait(false);
        }
        finally
        {
            _change.Release();
        }
    }

    public void Dispose() => _change.Dispose();

    /// <summary>A failed log gets it too, in case it recovers; it is not believed.</summary>
    private static async Task TryAsync(LogVolume log, Catalog catalog, Func<ReadOnlyMemory<byte>, ulong, ValueTask> write)
    {
        try
        {
            await write((catalog with { LastUsed = log.LastUsed }).ToBytes(), catalog.Generation).ConfigureAwait(false);
        }
        catch (SnapBackupException)
        {
            // The log is out of use from now on and keeps the failure.
        }
    }

    private ImmutableHashSet<int> FailedLogs(Catalog catalog) =>
        catalog.FailedLogs.Union(logs.Logs.Where(log => !log.IsSound).Select(log => log.Number));
}
