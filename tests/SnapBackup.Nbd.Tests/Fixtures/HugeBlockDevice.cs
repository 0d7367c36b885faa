using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests;

/// <summary>A disk of any size that is all hole and notes what is cleared.</summary>
internal sealed class HugeBlockDevice(string name, long size) : IBlockDevice
{
    public List<(long Offset, long Length)> Cleared { get; } = [];

    public string Name => name;

    public long Size => size;

    public int SectorSize => 512;

    public bool IsReadOnly => false;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, size, offset, buffer.Length);
        buffer.Span.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        throw new BlockDeviceException(BlockDeviceError.NoSpace, $"{name}: it holds nothing.");

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) => TrimAsync(offset, length, cancellationToken);

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, size, offset, length);
        Cleared.Add((offset, length));
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(new BlockExtent(length, ExtentKind.Hole));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
