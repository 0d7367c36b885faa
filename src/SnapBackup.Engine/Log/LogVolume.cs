using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>
/// One log: its device, its superblock and which of its segments are in use. Owns the device. Segments are taken and
/// given back by one appender at a time; the numbers for statistics may be read at any time.
/// </summary>
/// <remarks>
/// Invariants: a segment is in use or free, never both; and after the first failed write or flush nothing is appended and nothing
/// that was written since the last good flush is believed.
/// </remarks>
internal sealed class LogVolume : IAsyncDisposable
{
    private readonly IBlockDevice _device;
    private readonly bool _isVolatile;
    private readonly Queue<long> _free = new();
    private Segment?[] _inUse;
    private long _segmentCount;
    private SegmentLink _lastFound = SegmentLink.None;
    private Segment? _lastUsed;
    private long _segmentsTaken;

    private readonly long _growTo;

    /// <summary>Takes a device over that has this superblock; all its segments are free.</summary>
    /// <param name="device">The device, and up to which size it may grow.</param>
    /// <param name="superblock">What stands on it.</param>
    /// <param name="isVolatile">Whether it is not flushed.</param>
    public LogVolume(LogDevice device, LogSuperblock superblock, bool isVolatile)
    {
        _device = device.Device;
        _growTo = device.GrowTo ?? 0;
        _isVolatile = isVolatile;
        Superblock = superblock;
        SegmentSize = superblock.SegmentSize;
        _segmentCount = superblock.SegmentCount;
        _inUse = new Segment?[superblock.SegmentCount];
        for (var index = 0L; index < superblock.SegmentCount; index++)
            _free.Enqueue(index);
    }

    public string Name => _device.Name;

    public IBlockDevice Device => _device;

    /// <summary>What stands on it. Changes only while nothing else is done with its segments.</summary>
    public LogSuperblock Superblock { get; private set; }

    public int Number => Superblock.LogNumber;

    /// <summary>What failed on it, once something has.</summary>
    public Exception? Failure { get; private set; }

    public bool IsSound => Failure is null;

    /// <summary>The bytes that segments can take.</summary>
    public long Capacity => SegmentCount * SegmentSize;

    public long SegmentCount => Volatile.Read(ref _segmentCount);

    /// <summary>How many more segments it may have, if its file can grow.</summary>
    public long SegmentsToGrow => IsSound ? Math.Max(0, ((_growTo - LogLayout.SegmentsOffset) / SegmentSize) - SegmentCount) : 0;

    /// <summary>The bytes of the segments in use.</summary>
    public long Used => Volatile.Read(ref _segmentsTaken) * SegmentSize;

    public int SegmentSize { get; }

    /// <summary>How many segments can be taken.</summary>
    public int FreeSegments => IsSound ? _free.Count : 0;

    /// <summary>The segment that was used last, as later ones and the catalog name it.</summary>
    public SegmentLink LastUsed => _lastUsed?.Link ?? _lastFound;

    public IEnumerable<Segment> Segments => _inUse.OfType<Segment>();

    /// <summary>The numbers of the segments that can be taken, on a sound log, in the order in which they will be.</summary>
    public IReadOnlyCollection<long> Free => _free;

    /// <summary>Takes a free segment. There must be one.</summary>
    public Segment TakeSegment(Guid setId, SegmentClass kind, long epoch, long sequence)
    {
        var segment = new Segment(
            this,
            _free.Dequeue(),
            new SegmentHeader { SetId = setId, Class = kind, Epoch = epoch, Sequence = sequence, Previous = LastUsed },
            SegmentSize);
        _inUse[segment.Index] = segment;
        Volatile.Write(ref _segmentsTaken, _segmentsTaken + 1);
        return segment;
    }

    /// <summary>Takes the segments that were found in use when the log was opened; all others are free.</summary>
    /// <param name="found">Those in use.</param>
    /// <param name="lastFound">The newest use of a segment that was found, whether it is still in use or not.</param>
    public void Adopt(IReadOnlyCollection<Segment> found, SegmentLink lastFound)
    {
        _free.Clear();
        _lastFound = lastFound;
        _lastUsed = found.FirstOrDefault(segment => segment.Header.Sequence == lastFound.Sequence);
        foreach (var segment in found)
            _inUse[segment.Index] = segment;
        Volatile.Write(ref _segmentsTaken, found.Count);
        for (var index = 0L; index < _inUse.Length; index++)
        {
            if (_inUse[index] is null)
                _free.Enqueue(index);
        }
    }

    /// <summary>
    /// Makes the device larger and says so in its superblock, durably. The new segments are used after <see cref="TakeUp"/>. May run at any
    /// time, once at a time.
    /// </summary>
    /// <param name="segments">By how many.</param>
    /// <param name="cancellationToken">Gives up while it grows; nothing has changed then.</param>
    /// <returns>The superblock to take up.</returns>
    /// <exception cref="SnapBackupException">It cannot grow, or the log failed.</exception>
    public async ValueTask<LogSuperblock> GrowAsync(long segments, CancellationToken cancellationToken)
    {
        var grown = Superblock with { SegmentCount = SegmentCount + segments, Generation = Superblock.Generation + 1 };
        var size = LogLayout.SegmentsOffset + (grown.SegmentCount * SegmentSize);
        if (_device.Size < size)
            await ((IGrowableDevice)_device).GrowAsync(size, cancellationToken).ConfigureAwait(false);
        var sector = new byte[LogSuperblock.Size];
        grown.Write(sector);
        await WriteDurablyAsync(SuperblockSlot(grown.Generation), sector).ConfigureAwait(false);
        await WriteDurablyAsync(SuperblockSlot(grown.Generation + 1), sector).ConfigureAwait(false);
        return grown;
    }

    /// <summary>Takes the segments into use that a superblock has more.</summary>
    public void TakeUp(LogSuperblock grown)
    {
        Array.Resize(ref _inUse, checked((int)grown.SegmentCount));
        for (var index = SegmentCount; index < grown.SegmentCount; index++)
            _free.Enqueue(index);
        Superblock = grown;
        Volatile.Write(ref _segmentCount, grown.SegmentCount);
    }

    /// <summary>Takes note that a segment's header is durable, so that the next one names it.</summary>
    public void NoteUse(Segment segment) => _lastUsed = segment;

    /// <summary>Gives a segment back.</summary>
    public void Release(Segment segment)
    {
        _inUse[segment.Index] = null;
        _free.Enqueue(segment.Index);
        Volatile.Write(ref _segmentsTaken, _segmentsTaken - 1);
    }

    /// <summary>Where a segment starts, in bytes.</summary>
    public long OffsetOf(long index) => LogLayout.SegmentsOffset + (index * SegmentSize);

    /// <summary>The segment in use that a place of the log lies in.</summary>
    public Segment? SegmentAt(long offset) => _inUse[(offset - LogLayout.SegmentsOffset) / SegmentSize];

    /// <summary>
    /// Writes and flushes; returns when it is durable. The first failure poisons the log: after a failed flush nothing
    /// that was written since the last good one can be believed.
    /// </summary>
    public async ValueTask WriteDurablyAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        await WriteAsync(offset, bytes).ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Writes; durable with the next flush. A failure poisons the log.</summary>
    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _device.WriteAsync(offset, bytes).ConfigureAwait(false);
        }
        catch (SnapBackupException failure)
        {
            Fail(failure);
            throw;
        }
    }

    /// <summary>Makes durable what was written, unless the log is volatile and it need not be. A failure poisons the log.</summary>
    public async ValueTask FlushAsync(bool always = false)
    {
        if (_isVolatile && !always)
            return;
        try
        {
            await _device.FlushAsync().ConfigureAwait(false);
        }
        catch (SnapBackupException failure)
        {
            Fail(failure);
            throw;
        }
    }

    /// <summary>
    /// Writes a catalog into the slot of its generation, durably, and then into the other, to be durable with the next flush: so that at
    /// rest one rotten slot costs nothing. Tried on a failed log too: what gets there can only help.
    /// </summary>
    public async ValueTask WriteCatalogAsync(ReadOnlyMemory<byte> catalog, ulong generation, bool flushAlways)
    {
        await WriteAsync(CatalogSlot(generation), catalog).ConfigureAwait(false);
        await FlushAsync(flushAlways).ConfigureAwait(false);
        await WriteAsync(CatalogSlot(generation + 1), catalog).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes the catalog by which the log counts itself, durably into both slots, on volatile logs too: once another log is added nothing else
    /// tells that this one was counted.
    /// </summary>
    public async ValueTask WriteFirstCatalogAsync(ReadOnlyMemory<byte> catalog, ulong generation)
    {
        await WriteCatalogAsync(catalog, generation, flushAlways: false).ConfigureAwait(false);
        await FlushAsync(always: true).ConfigureAwait(false);
    }

    /// <summary>Writes the header of a segment alone, durably.</summary>
    public ValueTask WriteHeaderAsync(Segment segment) => WriteHeaderAsync(segment.Offset, segment.Header);

    /// <summary>
    /// Gives a segment back whose epoch is still needed: a header stays that says so, durably, before the segment is used again. With the old header groups
    /// of the last use, half overwritten by a torn one of the next, would look lost.
    /// </summary>
    public ValueTask WriteFreeHeaderAsync(Segment segment) => WriteHeaderAsync(segment.Offset, segment.Header with { Class = SegmentClass.Free });

    /// <summary>Takes the log out of use.</summary>
    public void Fail(Exception failure) => Failure ??= failure;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _device.ReadAsync(offset, buffer, cancellationToken);

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    private ValueTask WriteHeaderAsync(long offset, SegmentHeader header)
    {
        var sector = new byte[SegmentHeader.Size];
        header.Write(sector);
        return WriteDurablyAsync(offset, sector);
    }

    private static long SuperblockSlot(ulong generation) => (long)(generation % LogLayout.SuperblockSlots) * LogLayout.Alignment;

    private static long CatalogSlot(ulong generation) =>
        LogLayout.CatalogOffset + ((long)(generation % LogLayout.CatalogSlots) * LogLayout.CatalogSlotSize);
}
