using System.Buffers;
using SnapBackup.Blocks;
using SnapBackup.Engine.Reading;

namespace SnapBackup.Engine.Overlay;

/// <summary>
/// One opener's writable handle on a snapshot. What is written to it is private and lasts until it is disposed, at the longest until the process
/// ends: so a flush has nothing to do. Neither the snapshot nor the source is touched.
/// </summary>
/// <remarks>Requests that overlap go one after the other where one of them writes; all others run at the same time.</remarks>
internal sealed class OverlayDevice : IBlockDevice
{
    /// <summary>How much is written at once at the most, in bytes.</summary>
    private const int Window = 1 << 20;

    private readonly DeviceCore _core;
    private readonly Snapshot _snapshot;
    private readonly Openers _openers;
    private readonly OverlayStore _store;
    private readonly OverlayBlocks _blocks;
    private readonly RangeLock _ranges = new();
    private readonly int _blockSize;
    private int _closed;

    /// <summary>Opens an overlay.</summary>
    /// <param name="core">The device.</param>
    /// <param name="snapshot">What the overlay is over.</param>
    /// <param name="reader">Reads it.</param>
    /// <param name="openers">Those of the snapshot.</param>
    public OverlayDevice(DeviceCore core, Snapshot snapshot, SnapshotReader reader, Openers openers)
    {
        _core = core;
        _snapshot = snapshot;
        _openers = openers;
        _blockSize = core.BlockSize;
        Size = reader.Size;
        SectorSize = reader.SectorSize;
        _store = new OverlayStore(core, snapshot, $"{snapshot.FullName}+rw");
        _blocks = new OverlayBlocks(core.Logs, reader, _store, snapshot.ThrowIfNotActive);
        snapshot.Overlays.Add(_store);
        openers.Add();
    }

    public string Name => _store.Name;

    public long Size { get; }

    public int SectorSize { get; }

    public bool IsReadOnly => false;

    public bool IsPrivate => true;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) => RunAsync(
        offset, buffer.Length, isShared: true, () => _blocks.ReadAsync(offset, buffer, cancellationToken), cancellationToken);

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) => RunAsync(
        offset, data.Length, isShared: false, () => WriteAsync(offset, data), cancellationToken);

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) => RunAsync(
        offset,
        length,
        isShared: false,
        () => ZeroAsync(offset, length, options),
        cancellationToken);

    /// <remarks>What was trimmed reads as zeros.</remarks>
    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) => RunAsync(
        offset, length, isShared: false, () => ClearAsync(offset, length), cancellationToken);

    /// <summary>Nothing outlives the process, so nothing is to be made durable.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        _snapshot.ThrowIfNotActive();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        var extent = default(BlockExtent);
        await RunAsync(
            offset,
            length,
            isShared: true,
            async () => extent = await _blocks.GetExtentAsync(offset, length, cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return extent;
    }

    private ValueTask ZeroAsync(long offset, long length, WriteOptions options)
    {
        if (!options.HasFlag(WriteOptions.NoHole))
            return ClearAsync(offset, length);
        return options.HasFlag(WriteOptions.FastOnly)
            ? throw new BlockDeviceException(BlockDeviceError.NotSupported, $"{Name}: zeros that take space take as long as other bytes. Ask for a hole.")
            : WriteZerosAsync(offset, length);
    }

    /// <summary>Forgets what was written and gives its room back. Waits for requests under way.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _ranges.EnterAsync(0, Size / _blockSize, isShared: false, CancellationToken.None).ConfigureAwait(false);
        try
        {
            await ReleaseAsync().ConfigureAwait(false);
        }
        finally
        {
            _snapshot.Overlays.Remove(_store);
            _store.Dispose();
            _openers.Remove();
        }
    }

    private async ValueTask ReleaseAsync()
    {
        try
        {
            await _core.LogUsers.EnterAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            return; // the device was let go, and with it the room
        }

        try
        {
            await _core.Logs.Appending.WaitAsync().ConfigureAwait(false);
            try
            {
                await _store.ReleaseAsync(new EngineException(EngineError.SnapshotEnded, $"{Name}: the overlay was closed.")).ConfigureAwait(false);
            }
            finally
            {
                _core.Logs.Appending.Release();
            }
        }
        finally
        {
            _core.LogUsers.Leave();
        }
    }

    /// <summary>Lets a request run alone, or with others that share its range, if it may run at all.</summary>
    private async ValueTask RunAsync(long offset, long length, bool isShared, Func<ValueTask> request, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, length);
        _snapshot.ThrowIfNotActive();
        if (length == 0)
            return;
        var range = await _ranges.EnterAsync(offset / _blockSize, (offset + length - 1) / _blockSize, isShared, cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfClosed();
            await request().ConfigureAwait(false);
            _snapshot.ThrowIfNotActive();
        }
        finally
        {
            _ranges.Leave(range);
        }
    }

    /// <summary>Writes the whole blocks of a range at once, a window at a time, and what is left of others one by one.</summary>
    private async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        while (data.Length > 0)
        {
            var step = offset % _blockSize == 0 ? Math.Min(data.Length, Math.Max(Window, _blockSize)) / _blockSize * _blockSize : 0;
            if (step > 0)
            {
                await _blocks.WriteAsync(offset / _blockSize, data[..step]).ConfigureAwait(false);
            }
            else
            {
                step = (int)Math.Min(data.Length, BlockEnd(offset) - offset);
                await ChangeAsync(offset, step, data[..step]).ConfigureAwait(false);
            }

            offset += step;
            data = data[step..];
        }
    }

    private async ValueTask WriteZerosAsync(long offset, long length)
    {
        var zeros = new byte[Math.Min(length, Window)];
        for (var end = offset + length; offset < end;)
        {
            var step = (int)Math.Min(end - offset, Window - (offset % Window));
            await WriteAsync(offset, zeros.AsMemory(0, step)).ConfigureAwait(false);
            offset += step;
        }
    }

    /// <summary>Makes a range zeros: whole blocks at once, and parts of the blocks at its ends.</summary>
    private async ValueTask ClearAsync(long offset, long length)
    {
        var end = offset + length;
        var first = (offset + _blockSize - 1) / _blockSize;
        var afterLast = end == Size ? (Size + _blockSize - 1) / _blockSize : end / _blockSize;
        if (first * _blockSize > offset)
            await ChangeAsync(offset, (int)(Math.Min(end, first * _blockSize) - offset), data: null).ConfigureAwait(false);
        if (first < afterLast)
            _blocks.Clear(first, afterLast - 1);
        if (afterLast >= first && afterLast * _blockSize < end)
            await ChangeAsync(afterLast * _blockSize, (int)(end - (afterLast * _blockSize)), data: null).ConfigureAwait(false);
    }

    /// <summary>Changes a part of one block. One that is zeros then takes no room.</summary>
    /// <param name="offset">Where the part starts.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="data">What it holds then; null for zeros.</param>
    private async ValueTask ChangeAsync(long offset, int length, ReadOnlyMemory<byte>? data)
    {
        var rented = ArrayPool<byte>.Shared.Rent(_blockSize);
        try
        {
            var block = rented.AsMemory(0, _blockSize);
            var start = offset / _blockSize * _blockSize;
            var inside = (int)Math.Min(_blockSize, Size - start);
            await _blocks.ReadAsync(start, block[..inside], CancellationToken.None).ConfigureAwait(false);
            block[inside..].Span.Clear();
            var part = block.Slice((int)(offset - start), length);
            if (data is { } bytes)
                bytes.CopyTo(part);
            else
                part.Span.Clear();
            if (data is null && !block.Span.ContainsAnyExcept((byte)0))
                _blocks.Clear(start / _blockSize, start / _blockSize);
            else
                await _blocks.WriteAsync(start / _blockSize, block).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private long BlockEnd(long offset) => ((offset / _blockSize) + 1) * _blockSize;

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) != 0)
            throw new BlockDeviceException(BlockDeviceError.Closed, $"{Name}: this handle was closed.");
    }
}
