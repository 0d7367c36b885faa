using SnapBackup.Blocks;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>
/// One log: its device, its superblock and which of its segments are free. Owns the device. Segments are taken and
/// given back by the one appender; the numbers for statistics may be read at any time.
/// </summary>
internal sealed class LogVolume : IAsyncDisposable
{
    private readonly IBlockDevice _device;
    private readonly int _segmentSize;
    private readonly Queue<long> _free = new();
    private readonly long _segmentCount;
    private long _segmentsTaken;

    private LogVolume(IBlockDevice device, LogSuperblock superblock)
    {
        _device = device;
        _segmentSize = superblock.SegmentSize;
        _segmentCount = superblock.SegmentCount;
        for (var segment = 0L; segment < _segmentCount; segment++)
            _free.Enqueue(LogLayout.SegmentsOffset + (segment * _segmentSize));
    }

    public string Name => _device.Name;

    /// <summary>What failed on it, once something has: nothing is appended after that; what was durable stays readable.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The bytes that segments can take.</summary>
    public long Capacity => _segmentCount * _segmentSize;

    /// <summary>The bytes of the segments in use.</summary>
    public long Used => Volatile.Read(ref _segmentsTaken) * _segmentSize;

    public int SegmentSize => _segmentSize;

    /// <summary>Refuses what cannot become a log. Nothing is changed.</summary>
    /// <returns>The generation of the superblock that is there; 0 when the next one is to be the first.</returns>
    /// <exception cref="EngineException">The device is too small or read-only, holds foreign data or a newer log.</exception>
    public static Task<ulong> InspectAsync(IBlockDevice device, int blockSize, bool discardContent, CancellationToken cancellationToken)
    {
        var smallest = LogLayout.SmallestLog(blockSize);
        if (device.IsReadOnly)
            throw new EngineException(EngineError.LogReadOnly, $"{device.Name}: a log must be writable. Open it for writing or name another.");
        if (device.Size < smallest)
        {
            throw new EngineException(
                EngineError.LogTooSmall,
                $"{device.Name}: a log for blocks of {new ByteSize(blockSize)} needs {new ByteSize(smallest)} for its own bookkeeping "
                + $"and as much again; this one has {new ByteSize(device.Size)}. Give it more.");
        }

        return LogContent.InspectAsync(device, discardContent, cancellationToken);
    }

    /// <summary>Writes a fresh log of no segments in use onto an inspected device, which it takes over on success.</summary>
    public static async Task<LogVolume> FormatAsync(
        IBlockDevice device, LogSetShape shape, ushort number, ulong generation)
    {
        var segmentSize = LogLayout.SegmentSize(device.Size, shape.BlockSize);
        var superblock = new LogSuperblock
        {
            Version = LogSuperblock.CurrentVersion,
            BlockSize = shape.BlockSize,
            SetId = shape.SetId,
            LogNumber = number,
            LogCount = shape.LogCount,
            SegmentSize = segmentSize,
            SegmentCount = (device.Size - LogLayout.SegmentsOffset) / segmentSize,
            SourceSize = shape.SourceSize,
            Generation = generation,
        };
        var slots = new byte[LogLayout.SuperblockSlots * LogSuperblock.Size];
        superblock.Write(slots.AsSpan((int)(generation % LogLayout.SuperblockSlots) * LogSuperblock.Size));
        await device.WriteAsync(0, slots, WriteOptions.ForceUnitAccess).ConfigureAwait(false);
        return new LogVolume(device, superblock);
    }

    /// <summary>Takes a free segment, if there is one and the log is sound.</summary>
    public Segment? TryTakeSegment(long sequence)
    {
        if (Failure is not null || !_free.TryDequeue(out var offset))
            return null;
        Volatile.Write(ref _segmentsTaken, _segmentsTaken + 1);
        return new Segment(this, offset, _segmentSize, sequence);
    }

    /// <summary>Gives a segment back.</summary>
    public void Release(Segment segment)
    {
        _free.Enqueue(segment.Offset);
        Volatile.Write(ref _segmentsTaken, _segmentsTaken - 1);
    }

    /// <summary>
    /// Writes and flushes; returns when it is durable. The first failure poisons the log: after a failed flush nothing
    /// that was written since the last good one can be believed.
    /// </summary>
    public async ValueTask WriteDurablyAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _device.WriteAsync(offset, bytes).ConfigureAwait(false);
            await _device.FlushAsync().ConfigureAwait(false);
        }
        catch (SnapBackupException failure)
        {
            Failure = failure;
            throw;
        }
    }

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _device.ReadAsync(offset, buffer, cancellationToken);

    public ValueTask DisposeAsync() => _device.DisposeAsync();
}
