using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening.Scanning;

/// <summary>The headers of all segments of one log that are or were in use.</summary>
internal sealed class LogHeaders
{
    /// <summary>What must be readable of a segment so that it is known what it is: its header and the start of its first commit group.</summary>
    public const int SizeToKnow = SegmentHeader.Room + LogLayout.Sector;

    private readonly SortedDictionary<long, SegmentHeader> _headers = [];

    private LogHeaders()
    {
    }

    /// <summary>By the segment's number on its log, in ascending order.</summary>
    public IReadOnlyDictionary<long, SegmentHeader> All => _headers;

    /// <summary>What the headers said of segments that have lost theirs, as their first commit groups tell.</summary>
    public SortedDictionary<long, SegmentHeader> Orphans { get; } = [];

    /// <summary>The segments of which nobody knows what they were, because they cannot be read.</summary>
    public List<long> Unreadable { get; } = [];

    /// <summary>The newest use of a segment that was found, private ones left out.</summary>
    public SegmentLink LastUsed { get; private set; } = SegmentLink.None;

    /// <summary>The highest sequence number of all segments that were found.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Reads those of all segments.</summary>
    public static async Task<LogHeaders> ReadAsync(LogVolume log, Guid setId, SegmentReader reader, CancellationToken cancellationToken)
    {
        var headers = new LogHeaders();
        for (var index = 0L; index < log.SegmentCount; index++)
            await headers.ReadOneAsync(log, index, setId, reader, cancellationToken).ConfigureAwait(false);
        return headers;
    }

    /// <summary>Reads that of one segment.</summary>
    public static async Task<LogHeaders> ReadAsync(LogVolume log, long index, Guid setId, SegmentReader reader, CancellationToken cancellationToken)
    {
        var headers = new LogHeaders();
        await headers.ReadOneAsync(log, index, setId, reader, cancellationToken).ConfigureAwait(false);
        return headers;
    }

    /// <summary>How segments are named by those that were used after them.</summary>
    /// <param name="lastUsed">The segment that the log's own catalog names.</param>
    public IEnumerable<SegmentLink> Named(SegmentLink lastUsed) =>
        _headers.Values.Select(header => header.Previous).Prepend(lastUsed).Where(named => named.Index >= 0);

    /// <summary>Segments that are named, that some point needs, and that are gone: neither they nor a later use of the same place are there.</summary>
    public IEnumerable<SegmentLink> Lost(SegmentLink lastUsed, Catalog catalog)
    {
        var needed = Math.Min(catalog.LowestLiveEpoch, catalog.LowestNeededEpoch);
        return Named(lastUsed).Where(named =>
            named.Epoch >= needed && (!_headers.TryGetValue(named.Index, out var there) || there.Sequence < named.Sequence));
    }

    private async Task ReadOneAsync(LogVolume log, long index, Guid setId, SegmentReader reader, CancellationToken cancellationToken)
    {
        var bytes = new byte[SizeToKnow];
        try
        {
            await log.ReadAsync(log.OffsetOf(index), bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            Unreadable.Add(index);
            return;
        }

        if (SegmentHeader.TryRead(bytes, out var header) && header.SetId == setId)
            Add(index, header);
        else if (GroupHeader.StartsAt(bytes.AsSpan(SegmentHeader.Room))
            && await reader.TryGuessHeaderAsync(index, setId, cancellationToken).ConfigureAwait(false) is { } guessed)
            Orphans.Add(index, guessed);
    }

    private void Add(long index, SegmentHeader header)
    {
        _headers.Add(index, header);
        LastSequence = Math.Max(LastSequence, header.Sequence);
        if (header.Class != SegmentClass.Private && header.Sequence > LastUsed.Sequence)
            LastUsed = new SegmentLink(index, header.Sequence, header.Epoch, 0);
    }
}
