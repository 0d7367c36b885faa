using System.IO.Hashing;
using System.Text;
using SnapBackup.Blocks;

namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// A disk of a <see cref="SimulatedMachine"/>: reads return what was written last, and each change is recorded in the
/// machine's trace. What a power cut leaves of it is the affair of <see cref="Medium"/>. Its stamp is true to its content.
/// </summary>
internal sealed class SimulatedDisk(string name, DiskImage image, Trace trace, Pace pace) : IStampedDevice, IGrowableDevice
{
    /// <summary>How long a request waits to be overtaken by events that may not come, in turns of the thread pool.</summary>
    private const int MostTurns = 64;

    private readonly Lock _lock = new();
    private readonly DiskImage _content = image.Copy();

    public string Name => name;

    public long Size => _content.Size;

    public int SectorSize => DiskImage.SectorSize;

    public bool IsReadOnly => false;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, buffer.Length);
        lock (_lock)
            _content.Read(offset, buffer.Span);
        return pace.NextDelay() is > 0 and var delay ? LingerAsync(null, delay) : ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        ChangeAsync(DiskOperationKind.Write, offset, data.ToArray(), options);

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        ChangeAsync(DiskOperationKind.WriteZeroes, offset, new byte[length], options);

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        ChangeAsync(DiskOperationKind.Trim, offset, new byte[length], WriteOptions.None);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        ChangeAsync(DiskOperationKind.Flush, 0, [], WriteOptions.None);

    /// <summary>Whole aligned pages of zeros count as holes.</summary>
    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, length);
        lock (_lock)
        {
            var kind = KindOfPage(offset);
            var end = NextPage(offset);
            while (end < offset + length && KindOfPage(end) == kind)
                end = NextPage(end);
            return ValueTask.FromResult(new BlockExtent(Math.Min(end - offset, length), kind));
        }
    }

    public ValueTask<DeviceStamp> ReadStampAsync(CancellationToken cancellationToken = default)
    {
        var content = new XxHash3();
        lock (_lock)
        {
            for (var sector = 0; sector < _content.SectorCount; sector++)
                content.Append(_content[sector]);
        }

        return ValueTask.FromResult(new DeviceStamp(XxHash3.HashToUInt64(Encoding.ASCII.GetBytes(name)), content.GetCurrentHashAsUInt64(), 0, 0));
    }

    public ValueTask GrowAsync(long size, CancellationToken cancellationToken = default) =>
        RunAsync(NewOperation(DiskOperationKind.Grow, size, [], WriteOptions.None), () => _content.Grow(size));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static long NextPage(long offset) => (offset / 4096 * 4096) + 4096;

    private ExtentKind KindOfPage(long offset)
    {
        var first = (int)(offset / 4096 * 4096 / SectorSize);
        return _content.IsZero(first, Math.Min(4096 / SectorSize, _content.SectorCount - first)) ? ExtentKind.Hole : ExtentKind.Data;
    }

    private ValueTask ChangeAsync(DiskOperationKind kind, long offset, byte[] data, WriteOptions options)
    {
        BlockDeviceException.ThrowIfOutside(name, Size, offset, data.Length);
        return RunAsync(NewOperation(kind, offset, data, options), () => _content.Write(offset, data));
    }

    private DiskOperation NewOperation(DiskOperationKind kind, long offset, byte[] data, WriteOptions options) => new()
    {
        Disk = name,
        Kind = kind,
        Offset = offset,
        Data = data,
        ForceUnitAccess = options.HasFlag(WriteOptions.ForceUnitAccess),
    };

    private ValueTask RunAsync(DiskOperation operation, Action change)
    {
        // The order of writes in the trace must be the order in which they took effect.
        lock (_lock)
        {
            trace.Begin(operation);
            change();
        }

        if (pace.NextDelay() is > 0 and var delay)
            return LingerAsync(operation, delay);
        trace.End(operation);
        return ValueTask.CompletedTask;
    }

    private async ValueTask LingerAsync(DiskOperation? operation, int events)
    {
        var until = trace.Length + events;
        for (var turn = 0; turn == 0 || (turn < MostTurns && trace.Length < until); turn++)
            await Task.Yield();
        if (operation is not null)
            trace.End(operation);
    }
}
