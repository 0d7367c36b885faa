using SnapBackup.Blocks;
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
    private readonly LogVolume _log;
    private readonly Catalog _catalog;
    private readonly SortedDictionary<long, SegmentHeader> _headers = [];

    /// <summary>How far segments were filled, at least, by index and sequence number.</summary>
    private readonly Dictionary<(long Index, long Sequence), long> _named = [];

    private LogScan(LogVolume log, Catalog catalog, int blockSize)
    {
        _log = log;
        _catalog = catalog;
        Reader = new SegmentReader(log.Device, log.Number, log.SegmentSize, blockSize);
    }

    public LogVolume Log => _log;

    public SegmentReader Reader { get; }

    /// <summary>The needed segments.</summary>
    public List<FoundSegment> Found { get; } = [];

    /// <summary>The epochs of needed segments that are gone.</summary>
    public List<long> LostEpochs { get; } = [];

    /// <summary>
    /// Needed segments without a header, known by their first commit group: either the last write of all was torn between the two, or the
    /// header is lost.
    /// </summary>
    public List<FoundSegment> Orphans { get; } = [];

    /// <summary>The newest use of a segment that was found, private ones left out.</summary>
    public SegmentLink LastUsed { get; private set; } = SegmentLink.None;

    /// <summary>The highest sequence number of all segments that were found.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Scans a log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="lastUsed">The segment that its own catalog says was used last.</param>
    /// <param name="catalog">The newest catalog of all logs.</param>
    /// <param name="blockSize">The block size in bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LogScan> RunAsync(
        LogVolume log, SegmentLink lastUsed, Catalog catalog, int blockSize, CancellationToken cancellationToken)
    {
        var scan = new LogScan(log, catalog, blockSize);
        for (var index = 0L; index < log.Superblock.SegmentCount; index++)
            await scan.ReadHeaderAsync(index, cancellationToken).ConfigureAwait(false);
        scan.LookFor(lastUsed);
        foreach (var header in scan._headers.Values)
            scan.LookFor(header.Previous);
        foreach (var (index, header) in scan._headers)
        {
            if (catalog.Needs(header.Class, header.Epoch, header.Sequence))
                scan.Found.Add(scan.Verify(await scan.Reader.ReadAsync(index, header, cancellationToken).ConfigureAwait(false)));
        }

        return scan;
    }

    /// <summary>Whether a segment that the catalog names as open stands on this log.</summary>
    public bool Has(SegmentTail tail) => _headers.Values.Any(header => header.Sequence == tail.Sequence);

    private async Task ReadHeaderAsync(long index, CancellationToken cancellationToken)
    {
        var bytes = new byte[SegmentHeader.Room + LogLayout.Sector];
        try
        {
            await _log.ReadAsync(LogLayout.SegmentsOffset + (index * _log.SegmentSize), bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            LostEpochs.Add(long.MaxValue); // nobody knows what stood there
            return;
        }

        if (!SegmentHeader.TryRead(bytes, out var header) || header.SetId != _catalog.SetId)
        {
            if (GroupHeader.StartsAt(bytes.AsSpan(SegmentHeader.Room)))
                await LookForOrphanAsync(index, cancellationToken).ConfigureAwait(false);
            return;
        }

        _headers.Add(index, header);
        LastSequence = Math.Max(LastSequence, header.Sequence);
        if (header.Class != SegmentClass.Private && header.Sequence > LastUsed.Sequence)
            LastUsed = new SegmentLink(index, header.Sequence, header.Epoch, 0);
    }

    private async Task LookForOrphanAsync(long index, CancellationToken cancellationToken)
    {
        if (await Reader.TryGuessHeaderAsync(index, _catalog.SetId, cancellationToken).ConfigureAwait(false) is { } header
            && _catalog.Needs(header.Class, header.Epoch, header.Sequence))
        {
            Orphans.Add(await Reader.ReadAsync(index, header, cancellationToken).ConfigureAwait(false));
        }
    }

    private void LookFor(SegmentLink named)
    {
        _named[(named.Index, named.Sequence)] = Math.Max(named.Filled, _named.GetValueOrDefault((named.Index, named.Sequence)));
        if (named.Index < 0 || named.Epoch < Math.Min(_catalog.LowestLiveEpoch, _catalog.LowestNeededEpoch))
            return;
        if (!_headers.TryGetValue(named.Index, out var there) || there.Sequence < named.Sequence)
            LostEpochs.Add(named.Epoch);
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
