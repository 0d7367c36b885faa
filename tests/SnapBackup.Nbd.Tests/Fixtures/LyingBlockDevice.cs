using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests;

/// <summary>A disk in memory that leaves every write of a batch lying until it is told to work off.</summary>
internal sealed class LyingBlockDevice(MemoryBlockDevice device) : IBatchingDevice
{
    private readonly List<(TaskCompletionSource Done, Func<ValueTask> Write)> _lying = [];

    /// <summary>How many writes each call of <see cref="WorkOff"/> found.</summary>
    public List<int> WorkedOff { get; } = [];

    public bool IsBatching { get; set; }

    public string Name => device.Name;

    public long Size => device.Size;

    public int SectorSize => device.SectorSize;

    public bool IsReadOnly => device.IsReadOnly;

    public void WorkOff()
    {
        WorkedOff.Add(_lying.Count);
        foreach (var (done, write) in _lying)
        {
            Assert.True(write().IsCompletedSuccessfully);
            done.SetResult();
        }

        _lying.Clear();
    }

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        device.ReadAsync(offset, buffer, cancellationToken);

    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default)
    {
        if (!IsBatching)
            return device.WriteAsync(offset, data, options, cancellationToken);
        var done = new TaskCompletionSource();
        _lying.Add((done, () => device.WriteAsync(offset, data, options, cancellationToken)));
        return new ValueTask(done.Task);
    }

    public ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        device.WriteZeroesAsync(offset, length, options, cancellationToken);

    public ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) => device.TrimAsync(offset, length, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => device.FlushAsync(cancellationToken);

    public ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        device.GetExtentAsync(offset, length, cancellationToken);

    public ValueTask DisposeAsync() => device.DisposeAsync();
}
