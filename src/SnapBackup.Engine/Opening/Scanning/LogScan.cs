using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening.Scanning;

/// <summary>Finds the segments of one log that something is still needed of.</summary>
/// <remarks>
/// A segment is needed for versions if its epoch is not older than the oldest snapshot's, and for the change map if its epoch is not older
/// than the oldest point's and the change map was not stored anew since. All others are free, whatever stands in them. That a
/// needed one is lost, or cut short, is noticed by the one that was taken after it, which names it, and by the catalog, which names
/// the open ones.
/// </remarks>
internal sealed class LogScan
{
    private readonly LogVolume _log;
    private readonly Catalog _catalog;
    private readonly SortedDictionary<long, SegmentHeader> _headers = [];

    /// <summary>How far segments were filled when the one after them was taken, by index and sequence number.</summary>
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

    /// <summary>Uses of segments that are needed and gone, with the epoch they were of.</summary>
    public List<SegmentLink> Lost { get; } = [];

    /// <summary>The newest use of a segment that was found, private ones left out.</summary>
    public SegmentLink LastUsed { get; private set; } = SegmentLink.None;

    /// <summary>The highest sequence number of all segments that were found.</summary>
    public long LastSequence { get; private set; }

    public static async Task<LogScan> RunAsync(LogVolume log, Catalog catalog, int blockSize, CancellationToken cancellationToken)
    {
        var scan = new LogScan(log, catalog, blockSize);
        await scan.ReadHeadersAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (index, header) in scan._headers)
        {
            if (scan.IsNeeded(header))
                scan.Found.Add(scan.Verify(await scan.Reader.ReadAsync(index, header, cancellationToken).ConfigureAwait(false)));
        }

        return scan;
    }

    private async Task ReadHeadersAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[SegmentHeader.Size];
        for (var index = 0L; index < _log.Superblock.SegmentCount; index++)
        {
            if (await TryReadHeaderAsync(index, bytes, cancellationToken).ConfigureAwait(false) is not { } header)
                continue;
            _headers.Add(index, header);
            LastSequence = Math.Max(LastSequence, header.Sequence);
            if (header.Class != SegmentClass.Private && header.Sequence > LastUsed.Sequence)
                LastUsed = new SegmentLink(index, header.Sequence, header.Epoch, 0);
        }

        foreach (var header in _headers.Values)
            LookForPrevious(header.Previous);
    }

    private async Task<SegmentHeader?> TryReadHeaderAsync(long index, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _log.ReadAsync(LogLayout.SegmentsOffset + (index * _log.SegmentSize), bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            return null; // if it was needed, the segment after it says so
        }

        return SegmentHeader.TryRead(bytes, out var header) && header.SetId == _catalog.SetId ? header : null;
    }

    private void LookForPrevious(SegmentLink previous)
    {
        _named[(previous.Index, previous.Sequence)] = previous.Filled;
        if (previous.Index < 0 || previous.Epoch < Math.Min(_catalog.LowestLiveEpoch, _catalog.LowestNeededEpoch))
            return;
        if (!_headers.TryGetValue(previous.Index, out var there) || there.Sequence < previous.Sequence)
            Lost.Add(previous);
    }

    /// <summary>What is known to be durable of a segment, from the one that was taken after it and from the catalog, must be there.</summary>
    private FoundSegment Verify(FoundSegment found)
    {
        var durable = DurableOf(_catalog, found.Header);
        if (_named.TryGetValue((found.Index, found.Header.Sequence), out var filled))
            durable = Math.Max(durable, filled);
        return found.Filled >= durable
            ? found with { Durable = (int)durable }
            : found with { Damage = $"commit groups from byte {found.Filled} of it on are gone" };
    }

    private static long DurableOf(Catalog catalog, SegmentHeader header)
    {
        var tail = header.Class == SegmentClass.Versions ? catalog.VersionsTail : catalog.ChangesTail;
        return tail.Sequence == header.Sequence ? tail.Filled : 0;
    }

    private bool IsNeeded(SegmentHeader header) => header.Class != SegmentClass.Private
        && ((header.Class == SegmentClass.Versions && header.Epoch >= _catalog.LowestLiveEpoch)
            || (header.Epoch >= _catalog.LowestNeededEpoch && header.Sequence >= _catalog.ChangesFrom));
}
