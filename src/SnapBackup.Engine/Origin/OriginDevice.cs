using System.Runtime.CompilerServices;
using SnapBackup.Blocks;

namespace SnapBackup.Engine.Origin;

/// <summary>
/// One opener's handle on the origin, the writable face of a snap device. Reads go straight to the source; what
/// changes the source first waits until that is recorded: what the blocks held if a snapshot is kept, else that they change if a
/// bookmark is.
/// </summary>
/// <remarks>
/// Large requests are worked off in windows of at most one commit group, each of which passes the gate of writes for
/// itself: so a start waits for one window at the most. A snapshot may fall between two windows of a request that was
/// in flight when it started, as it may between the sectors of any write.
/// </remarks>
internal sealed class OriginDevice : IBatchingDevice
{
    private readonly DeviceCore _core;
    private int _closed;

    public OriginDevice(DeviceCore core)
    {
        _core = core;
        core.OriginOpeners.Add();
    }

    public string Name => _core.Name;

    public long Size => _core.Source.Size;

    public int SectorSize => _core.Source.SectorSize;

    public bool IsReadOnly => _core.IsReadOnly;

    public bool IsBatching { get; set; }

    public void WorkOff() => _core.CopyBeforeWrite.WorkOff();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, buffer.Length);
        using var request = _core.Counters.CountRequest();
        await _core.Reads.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _core.Source.ReadAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _core.Counters.OriginBytesRead, buffer.Length);
        }
        finally
        {
            _core.Reads.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        RefuseChange(offset, data.Length);
        using var request = _core.Counters.CountRequest();
        var isBatched = IsBatching;
        while (data.Length > 0)
        {
            var entering = _core.Writes.EnterAsync(cancellationToken);
            isBatched &= entering.IsCompleted; // after waiting this is another thread, and the batch may be over
            await entering.ConfigureAwait(false);
            try
            {
                var step = (int)Window(offset, data.Length);
                await PreserveAsync(offset, step, isBatched).ConfigureAwait(false);
                isBatched = false;
                await _core.Source.WriteAsync(offset, data[..step], options, CancellationToken.None).ConfigureAwait(false);
                Interlocked.Add(ref _core.Counters.OriginBytesWritten, step);
                offset += step;
                data = data[step..];
                cancellationToken = CancellationToken.None; // once started, a write is finished
            }
            finally
            {
                _core.Writes.Leave();
            }
        }

        CountFlush(options);
    }

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        ClearAsync(offset, length, (at, step, _) => _core.Source.WriteZeroesAsync(at, step, options, CancellationToken.None), options, cancellationToken);

    /// <remarks>A hole has nothing to give back, and what a device makes of a trim is its own affair: holes are left alone.</remarks>
    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) => ClearAsync(
        offset,
        length,
        (at, step, isHole) => isHole ? ValueTask.CompletedTask : _core.Source.TrimAsync(at, step, CancellationToken.None),
        WriteOptions.None,
        cancellationToken);

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        using var request = _core.Counters.CountRequest();
        await _core.Reads.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _core.Source.FlushAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _core.Counters.OriginFlushes);
        }
        finally
        {
            _core.Reads.Leave();
        }
    }

    public async ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, length);
        using var request = _core.Counters.CountRequest();
        await _core.Reads.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _core.Source.GetExtentAsync(offset, length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _core.Reads.Leave();
        }
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _core.OriginOpeners.Remove();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Zeroes or trims. Under a snapshot the source's holes are not preserved: they are zeros before and after, and
    /// whoever writes into one meanwhile preserves it first.
    /// </summary>
    private async ValueTask ClearAsync(
        long offset, long length, Func<long, long, bool, ValueTask> clear, WriteOptions options, CancellationToken cancellationToken)
    {
        RefuseChange(offset, length);
        using var request = _core.Counters.CountRequest();
        while (length > 0)
        {
            await _core.Writes.EnterAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var (step, isHole) = await ClearableAsync(offset, length).ConfigureAwait(false);
                if (!isHole)
                    await PreserveAsync(offset, step, isBatched: false).ConfigureAwait(false);
                await clear(offset, step, isHole).ConfigureAwait(false);
                Interlocked.Add(ref _core.Counters.OriginBytesZeroed, step);
                offset += step;
                length -= step;
                cancellationToken = CancellationToken.None;
            }
            finally
            {
                _core.Writes.Leave();
            }
        }

        CountFlush(options);
    }

    private async ValueTask<(long Step, bool IsHole)> ClearableAsync(long offset, long length)
    {
        if (_core.History.Writers is null)
            return (length, false);
        var extent = await _core.Source.GetExtentAsync(offset, length).ConfigureAwait(false);
        return extent.Kind == ExtentKind.Hole ? (extent.Length, true) : (Window(offset, extent.Length), false);
    }

    /// <summary>How much of a request is done at once: all of it without a snapshot, else what one commit group takes.</summary>
    private long Window(long offset, long length)
    {
        if (_core.History.Writers is null)
            return length;
        var end = ((offset / _core.BlockSize) + _core.CopyBeforeWrite.LargestRequest) * _core.BlockSize;
        return Math.Min(length, end - offset);
    }

    private ValueTask PreserveAsync(long offset, long length, bool isBatched) => _core.History.Writers is { } view
        ? _core.CopyBeforeWrite.PreserveAsync(view, offset / _core.BlockSize, (offset + length - 1) / _core.BlockSize, isBatched)
        : ValueTask.CompletedTask;

    private void CountFlush(WriteOptions options)
    {
        if ((options & WriteOptions.ForceUnitAccess) != WriteOptions.None)
            Interlocked.Increment(ref _core.Counters.OriginFlushes);
    }

    private void RefuseChange(long offset, long length)
    {
        ThrowIfClosed();
        if (IsReadOnly)
            throw new BlockDeviceException(BlockDeviceError.ReadOnly, $"{Name}: the device was set read-only.");
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, length);
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) != 0)
            throw new BlockDeviceException(BlockDeviceError.Closed, $"{Name}: this handle was closed.");
    }
}
