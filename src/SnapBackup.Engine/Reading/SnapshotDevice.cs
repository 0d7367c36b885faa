using SnapBackup.Blocks;

namespace SnapBackup.Engine.Reading;

/// <summary>One opener's handle on a snapshot. Read-only: what changes it is refused.</summary>
internal sealed class SnapshotDevice : IBlockDevice
{
    private readonly SnapshotReader _reader;
    private readonly Openers _openers;
    private int _closed;

    public SnapshotDevice(SnapshotReader reader, Openers openers)
    {
        _reader = reader;
        _openers = openers;
        openers.Add();
    }

    public string Name => _reader.Name;

    public long Size => _reader.Size;

    public int SectorSize => _reader.SectorSize;

    public bool IsReadOnly => true;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, buffer.Length);
        return _reader.ReadAsync(offset, buffer, cancellationToken);
    }

    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfZero(length);
        BlockDeviceException.ThrowIfOutside(Name, Size, offset, length);
        return _reader.GetExtentAsync(offset, length, cancellationToken);
    }

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        throw ReadOnly();

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        throw ReadOnly();

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) => throw ReadOnly();

    /// <summary>Nothing can be written, so nothing is left to flush.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _openers.Remove();
        return ValueTask.CompletedTask;
    }

    private BlockDeviceException ReadOnly() => new(BlockDeviceError.ReadOnly, $"{Name}: a snapshot is read-only.");

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) != 0)
            throw new BlockDeviceException(BlockDeviceError.Closed, $"{Name}: this handle was closed.");
    }
}
