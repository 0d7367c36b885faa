using System.Runtime.CompilerServices;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening.Scanning;

/// <summary>Finds the segments of one log that something is still needed of, and notices those that are gone.</summary>
/// <remarks>
/// Which segments are needed the catalog tells (<see cref="Catalog.Needs"/>); all others are free, whatever stands in them. That a needed
/// one is lost, or cut short, is noticed by the one that was used after it, which names it; by the catalog, which names the last one of
/// each log and the open ones; and by a commit group that stands where no segment is.
/// </remarks>
internal sealed class LogScan
{
    private readonly Catalog _catalog;

    /// <summary>How far segments were filled, at least, by index and sequence number.</summary>
    private readonly Dictionary<(long Index, long Sequence), long> _named = [];

    private LogScan(LogVolume log, SegmentReader reader, LogHeaders headers, SegmentLink lastUsed, Catalog catalog)
    {
        _catalog = catalog;
        Log = log;
        Reader = reader;
        Headers = headers;
        LostEpochs =
        [
            .. headers.Lost(lastUsed, catalog).Select(lost => lost.Epoch),
            .. headers.Unreadable.Select(_ => long.MaxValue), // nobody knows what stood there
        ];
        foreach (var named in headers.Named(lastUsed))
            _named[(named.Index, named.Sequence)] = Math.Max(named.Filled, _named.GetValueOrDefault((named.Index, named.Sequence)));
    }

    public LogVolume Log { get; }

    public SegmentReader Reader { get; }

    /// <summary>The headers of its segments, needed or not.</summary>
    public LogHeaders Headers { get; }

    /// <summary>The needed segments.</summary>
    public List<FoundSegment> Found { get; } = [];

    /// <summary>The epochs of needed segments that are gone.</summary>
    public IReadOnlyList<long> LostEpochs { get; }

    /// <summary>
    /// Needed segments without a header, known by their first commit group: either the last write of all was torn between the two, or the
    /// header is lost.
    /// </summary>
    public List<FoundSegment> Orphans { get; } = [];

    /// <summary>Scans a log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="lastUsed">The segment that its own catalog says was used last.</param>
    /// <param name="catalog">The newest catalog of all logs.</param>
    /// <param name="blockSize">The block size in bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LogScan> RunAsync(
        LogVolume log, SegmentLink lastUsed, Catalog catalog, int blockSize, CancellationToken cancellationToken)
    {
        var reader = new SegmentReader(log.Device, log.Number, log.SegmentSize, blockSize);
        var headers = await LogHeaders.ReadAsync(log, catalog.SetId, reader, cancellationToken).ConfigureAwait(false);
        var scan = new LogScan(log, reader, headers, lastUsed, catalog);
        await foreach (var found in scan.ReadAsync(headers.All, cancellationToken).ConfigureAwait(false))
            scan.Found.Add(scan.Verify(found));
        await foreach (var orphan in scan.ReadAsync(headers.Orphans, cancellationToken).ConfigureAwait(false))
            scan.Orphans.Add(orphan);
        return scan;
    }

    /// <summary>Whether a segment that the catalog names as open stands on this log.</summary>
    public bool Has(SegmentTail tail) => Headers.All.Values.Any(header => header.Sequence == tail.Sequence);

    /// <summary>Reads those segments that are needed.</summary>
    private async IAsyncEnumerable<FoundSegment> ReadAsync(
        IReadOnlyDictionary<long, SegmentHeader> headers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (index, header) in headers)
        {
            if (_catalog.Needs(header.Class, header.Epoch, header.Sequence))
                yield return await Reader.ReadAsync(index, header, cancellationToken).ConfigureAwait(false);
        }
    }

    private FoundSegment Verify(FoundSegment found)
    {
        var tail = found.Header.Class == SegmentClass.Versions ? _catalog.VersionsTail : _catalog.ChangesTail;
        var durable = Math.Max(
            tail.Sequence == found.Header.Sequence ? tail.Filled : 0,
            _named.GetValueOrDefault((found.Index, found.Header.Sequence)));
        return found.Filled >= durable
            ? found with { Durable = (int)durable }
            : found with { Damage = $"commit groups from byte {found.Filled} of it on are gone" };
    }
}
