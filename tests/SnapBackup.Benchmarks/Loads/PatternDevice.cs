using System.Buffers.Binary;
using SnapBackup.Blocks;

namespace SnapBackup.Benchmarks.Loads;

/// <summary>
/// A source of any size that costs nothing: it reads as a pattern that differs from block to block, and forgets what is written. For
/// figures that are not about the disk.
/// </summary>
internal sealed class PatternDevice(long size) : IBlockDevice
{
    private const int Stride = 512;

    public string Name => "pattern";

    public long Size => size;

    public int SectorSize => 512;

    public bool IsReadOnly => false;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var at = 0; at + sizeof(long) <= buffer.Length; at += Stride)
            BinaryPrimitives.WriteInt64LittleEndian(buffer.Span[at..], (offset + at) | 1);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        ValueTask.CompletedTask;

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        ValueTask.CompletedTask;

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(new BlockExtent(length, ExtentKind.Data));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
