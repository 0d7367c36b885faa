using System.Security.Cryptography;
using SnapBackup.Blocks;

namespace SnapBackup.Testing;

/// <summary>
/// A disk in memory, for tests that look at its bytes. Each request is atomic; it counts flushes, and fails on
/// request: <see cref="Fault"/> is asked before each request.
/// </summary>
public sealed class MemoryBlockDevice(string name, byte[] content) : IStampedDevice, IGrowableDevice
{
    private readonly Lock _lock = new();
    private byte[] _content = content;
    private int _flushes;

    public MemoryBlockDevice(string name, long size)
        : this(name, new byte[size])
    {
    }

    /// <summary>Called with "read", "write", "zero", "trim", "flush", "grow" or "extent" and the range; what it throws fails the request.</summary>
    public Action<string, long, long>? Fault { get; set; }

    public byte[] Content => _content;

    public int Flushes => Volatile.Read(ref _flushes);

    public string Name => name;

    public long Size => _content.Length;

    public int SectorSize => 512;

    public bool IsReadOnly { get; init; }

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, buffer.Length);
        Fault?.Invoke("read", offset, buffer.Length);
        lock (_lock)
            _content.AsSpan((int)offset, buffer.Length).CopyTo(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, data.Length);
        Fault?.Invoke("write", offset, data.Length);
        lock (_lock)
            data.Span.CopyTo(_content.AsSpan((int)offset));
        return options.HasFlag(WriteOptions.ForceUnitAccess) ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, length);
        Fault?.Invoke("zero", offset, length);
        lock (_lock)
            _content.AsSpan((int)offset, (int)length).Clear();
        return options.HasFlag(WriteOptions.ForceUnitAccess) ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, length);
        Fault?.Invoke("trim", offset, length);
        lock (_lock)
            _content.AsSpan((int)offset, (int)length).Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Fault?.Invoke("flush", 0, 0);
        Interlocked.Increment(ref _flushes);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whole aligned 4 KiB pages of zeros count as holes.</summary>
    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, length);
        Fault?.Invoke("extent", offset, length);
        lock (_lock)
        {
            var kind = KindOfPage(offset);
            var end = NextPage(offset);
            while (end < offset + length && KindOfPage(end) == kind)
                end = NextPage(end);
            return ValueTask.FromResult(new BlockExtent(Math.Min(end - offset, length), kind));
        }
    }

    /// <summary>The content alone makes the stamp: which disk it is is not known.</summary>
    public ValueTask<DeviceStamp> ReadStampAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
            return ValueTask.FromResult(new DeviceStamp(0, BitConverter.ToUInt64(SHA256.HashData(_content)), 0, 0));
    }

    public ValueTask GrowAsync(long size, CancellationToken cancellationToken = default)
    {
        Fault?.Invoke("grow", _content.Length, size - _content.Length);
        lock (_lock)
            Array.Resize(ref _content, (int)size);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static long NextPage(long offset) => (offset / 4096 * 4096) + 4096;

    private ExtentKind KindOfPage(long offset)
    {
        var start = (int)(offset / 4096 * 4096);
        var page = _content.AsSpan(start, Math.Min(4096, _content.Length - start));
        return page.ContainsAnyExcept((byte)0) ? ExtentKind.Data : ExtentKind.Hole;
    }
}
