using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Opening.Scanning;

namespace SnapBackup.Engine.Opening;

/// <summary>
/// Rebuilds what memory held from what stands on the logs: the epochs with their versions and changes, and which segments are in use.
/// </summary>
/// <remarks>
/// Invariants: a snapshot any of whose records are lost is marked broken, and changes since a point any of whose records are lost
/// are marked lost; only then the device is let out. A torn group is dropped, which is safe because no writer was let go for it.
/// </remarks>
internal sealed class Recovery
{
    /// <summary>
    /// A segment whose very first write was torn or failed is not found, and its sequence number is not given to another: a session leaves
    /// one such segment a log at the most.
    /// </summary>
    private const int SequencesSkipped = 2 * DeviceSettings.MaxLogs;

    private readonly IBlockDevice _source;
    private readonly LogSet _logs;
    private readonly SortedDictionary<long, Epoch> _epochs = [];
    private readonly List<(FoundSegment Found, LogScan Scan)> _found = [];
    private long _lastSequence;
    private long _lastGroup;

    private Recovery(IBlockDevice source, LogSet logs, Catalog catalog)
    {
        _source = source;
        _logs = logs;
        Catalog = catalog;
    }

    /// <summary>The catalog as it must be from now on.</summary>
    public Catalog Catalog { get; private set; }

    /// <summary>What was found of the epochs, the current one last.</summary>
    public IReadOnlyList<Epoch> Epochs => [.. _epochs.Values];

    /// <summary>
    /// Segments that were not closed and are not filled further. They are to get their summaries once the source is attached: nobody else may name
    /// how far they are filled, so that a group they lose later would not be missed.
    /// </summary>
    public IReadOnlyList<Segment> ToClose { get; private set; } = [];

    /// <summary>Reads the logs and makes the log set go on where it ended.</summary>
    /// <param name="source">The source, which is only read.</param>
    /// <param name="logs">The logs, of which nothing is known yet.</param>
    /// <param name="catalog">The newest catalog.</param>
    /// <param name="lastUsed">For each log the segment that its own catalog says was used last.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Recovery> RunAsync(
        IBlockDevice source, LogSet logs, Catalog catalog, IReadOnlyList<SegmentLink> lastUsed, CancellationToken cancellationToken)
    {
        var recovery = new Recovery(source, logs, catalog);
        var scans = new List<LogScan>();
        foreach (var log in logs.Logs)
            scans.Add(await LogScan.RunAsync(log, lastUsed[log.Number], catalog, logs.Shape.BlockSize, cancellationToken).ConfigureAwait(false));
        scans.ForEach(recovery.Take);
        foreach (var scan in scans)
            await recovery.DropOrphansAsync(scan, cancellationToken).ConfigureAwait(false);
        recovery.LookForTail(SegmentClass.Versions, catalog.VersionsTail, scans);
        recovery.LookForTail(SegmentClass.Changes, catalog.ChangesTail, scans);
        await recovery.DropTornGroupsAsync(cancellationToken).ConfigureAwait(false);
        await recovery.RebuildAsync(cancellationToken).ConfigureAwait(false);
        recovery.Adopt(scans);
        return recovery;
    }

    private void Take(LogScan scan)
    {
        _lastSequence = Math.Max(_lastSequence, scan.Headers.LastSequence);
        foreach (var found in scan.Found)
        {
            _found.Add((found, scan));
            _lastGroup = Math.Max(_lastGroup, found.LastGroup);
            if (found.Damage is not null)
                Damage(found.Header.Class, found.Header.Epoch);
        }

        foreach (var epoch in scan.LostEpochs)
            Damage(SegmentClass.Versions, epoch);
    }

    /// <summary>Records of an epoch are lost: what needs them is not to be believed. Those of changes no snapshot needs.</summary>
    private void Damage(SegmentClass kind, long epoch) => Catalog = Catalog.Change(
        point => point.Epoch <= epoch,
        point => point with
        {
            BreakReason = point.IsLive && kind == SegmentClass.Versions ? BreakReason.LogDamaged : point.BreakReason,
            ChangesLost = true,
        });

    /// <summary>
    /// A segment without a header was torn off it if its first group is the last of the stream; it is wiped, lest the next use of the segment be taken for its.
    /// </summary>
    private async Task DropOrphansAsync(LogScan scan, CancellationToken cancellationToken)
    {
        foreach (var orphan in scan.Orphans)
        {
            var isOnlyGroup = orphan is { Damage: null, IsClosed: false } && orphan.Records.Count == orphan.LastGroupRecords;
            var mayBeTorn = isOnlyGroup && (orphan.LastGroup > _lastGroup || !scan.Log.IsSound);
            if (!mayBeTorn || !await WasTornAsync(orphan, scan, cancellationToken).ConfigureAwait(false))
                Damage(orphan.Header.Class, orphan.Header.Epoch);
            else if (scan.Log.IsSound)
                await scan.Reader.WipeAsync(scan.Log.OffsetOf(orphan.Index) + SegmentHeader.Room).ConfigureAwait(false);
        }
    }

    /// <summary>A segment that the catalog names as open, and needs, must be somewhere.</summary>
    private void LookForTail(SegmentClass kind, SegmentTail tail, IEnumerable<LogScan> scans)
    {
        if (tail.Sequence != 0 && Catalog.Needs(kind, tail.Epoch, tail.Sequence) && !scans.Any(scan => scan.Has(tail)))
            Damage(kind, tail.Epoch);
    }

    /// <summary>
    /// Only the last group of the stream can be torn. On a log that had failed the last one may be too: it was stored again elsewhere.
    /// </summary>
    private async Task DropTornGroupsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _found.Count; i++)
        {
            var (found, scan) = _found[i];
            var mayBeTorn = !found.IsClosed && found.Damage is null && found.LastGroup != 0 && (found.LastGroup == _lastGroup || !scan.Log.IsSound);
            if (!mayBeTorn || await scan.Reader.IsLastGroupWholeAsync(found, cancellationToken).ConfigureAwait(false))
                continue;
            if (!await WasTornAsync(found, scan, cancellationToken).ConfigureAwait(false))
            {
                Damage(found.Header.Class, found.Header.Epoch);
                continue;
            }

            if (scan.Log.IsSound)
                await scan.Reader.WipeAsync(scan.Log.OffsetOf(found.Index) + found.LastGroupStart).ConfigureAwait(false);
            _found[i] = (found.WithoutLastGroup(), scan);
        }
    }

    /// <summary>
    /// Tells a torn group from one that was whole and has rotted since: for a torn one no writer was let go, so the source still holds
    /// what was to be preserved; and if it was a copy, the version is still there that it was to replace.
    /// </summary>
    private async Task<bool> WasTornAsync(FoundSegment found, LogScan scan, CancellationToken cancellationToken)
    {
        if (found.LastGroupStart < found.Durable)
            return false;
        if (scan.Log.IsSound && !Catalog.IsAttached)
            return false;
        var substitutes = new Substitutes(found, _found.Select(entry => entry.Found), Catalog);
        if (!scan.Log.IsSound)
            return substitutes.AreThereForAll;
        foreach (var record in found.Records.TakeLast(found.LastGroupRecords).Where(record => record.Kind is RecordKind.Data or RecordKind.Zero))
        {
            if (!substitutes.IsThereFor(record) && !await SourceStillHoldsAsync(record, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    private async Task<bool> SourceStillHoldsAsync(BlockRecord record, CancellationToken cancellationToken)
    {
        var block = new byte[_logs.Shape.BlockSize];
        var offset = record.Block * block.Length;
        if (offset >= _source.Size)
            return false;
        try
        {
            await _source.ReadAsync(offset, block.AsMemory(0, (int)Math.Min(block.Length, _source.Size - offset)), cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            return false; // it cannot be told
        }

        return record.Kind == RecordKind.Zero ? !block.AsSpan().ContainsAnyExcept((byte)0) : Checksum.Of(block) == record.DataChecksum;
    }

    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        EpochOf(Catalog.Epoch);
        foreach (var point in Catalog.Points)
            EpochOf(point.Epoch);
        foreach (var (found, scan) in _found)
        {
            var epoch = EpochOf(found.Header.Epoch);
            foreach (var record in found.Records)
            {
                if (!await TryRebuildAsync(epoch, found, record, scan, cancellationToken).ConfigureAwait(false))
                    Damage(found.Header.Class, epoch.Number);
            }
        }
    }

    private async ValueTask<bool> TryRebuildAsync(
        Epoch epoch, FoundSegment found, BlockRecord record, LogScan scan, CancellationToken cancellationToken)
    {
        if (record.Kind == RecordKind.ChangePage)
        {
            var bits = await scan.Reader.TryReadDataAsync(found, record, cancellationToken).ConfigureAwait(false);
            return bits is not null && epoch.Changes.TryUnionWithPage(record.Block, bits);
        }

        var region = record.Block / _logs.Shape.BlocksPerRegion;
        if (region >= _logs.Shape.RegionCount || record.DataOffset + _logs.Shape.BlockSize > scan.Log.SegmentSize)
            return false;
        epoch.Changes.Add(region);
        if (record.IsVersion && epoch.Number >= Catalog.LowestLiveEpoch)
        {
            epoch.Index.TryAdd(record.Block, new GroupPlace(found.Log, scan.Log.OffsetOf(found.Index)).VersionOf(record));
        }

        return true;
    }

    /// <summary>Gives each log its segments, and counts in each what is needed of it.</summary>
    private void Adopt(List<LogScan> scans)
    {
        var all = new List<Segment>();
        foreach (var scan in scans)
        {
            var segments = _found
                .Where(entry => ReferenceEquals(entry.Scan, scan) && entry.Found.Filled > 0)
                .Select(entry => Resume(scan.Log, entry.Found))
                .ToList();
            scan.Log.Adopt(segments, scan.Headers.LastUsed);
            all.AddRange(segments);
        }

        foreach (var (_, version) in _epochs.Values.SelectMany(epoch => epoch.Index.Entries))
            _logs.Remember(version);
        _logs.Resume(_lastSequence + SequencesSkipped, _lastGroup, OpenSegments(all));
    }

    private static Segment Resume(LogVolume log, FoundSegment found)
    {
        var segment = new Segment(log, found.Index, found.Header, log.SegmentSize);
        segment.Resume(found.Filled, found.LastGroup, found.IsClosed || found.Damage is not null ? null : found.Records, found.IsClosed);
        return segment;
    }

    /// <summary>Of each class the newest segment is filled further, if it was not closed; the others are to be closed.</summary>
    private List<Segment> OpenSegments(List<Segment> segments)
    {
        var open = segments
            .Where(segment => segment.IsOpen && segment.Log.IsSound && segment.Epoch == Catalog.Epoch)
            .GroupBy(segment => segment.Class)
            .Select(group => group.MaxBy(segment => segment.Header.Sequence)!)
            .ToList();
        ToClose = [.. segments.Where(segment => segment.IsOpen).Except(open)];
        return open;
    }

    private Epoch EpochOf(long number)
    {
        if (!_epochs.TryGetValue(number, out var epoch))
            _epochs.Add(number, epoch = DeviceSetUp.NewEpoch(_logs.Shape, number));
        return epoch;
    }
}
