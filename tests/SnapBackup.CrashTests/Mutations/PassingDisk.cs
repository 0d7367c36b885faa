using SnapBackup.Blocks;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Mutations;

/// <summary>Passes every request on; what a mutation does differently it overrides.</summary>
internal abstract class PassingDisk(SimulatedDisk disk) : IStampedDevice, IGrowableDevice
{
    public string Name => disk.Name;

    public long Size => disk.Size;

    public int SectorSize => disk.SectorSize;

    public bool IsReadOnly => disk.IsReadOnly;

    protected SimulatedDisk Disk => disk;

    public virtual ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        disk.ReadAsync(offset, buffer, cancellationToken);

    public virtual ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        disk.WriteAsync(offset, data, options, cancellationToken);

    public virtual ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default) =>
        disk.WriteZeroesAsync(offset, length, options, cancellationToken);

    public virtual ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        disk.TrimAsync(offset, length, cancellationToken);

    public virtual ValueTask FlushAsync(CancellationToken cancellationToken = default) => disk.FlushAsync(cancellationToken);

    public virtual ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default) =>
        disk.GetExtentAsync(offset, length, cancellationToken);

    public ValueTask<DeviceStamp> ReadStampAsync(CancellationToken cancellationToken = default) => disk.ReadStampAsync(cancellationToken);

    public ValueTask GrowAsync(long size, CancellationToken cancellationToken = default) => disk.GrowAsync(size, cancellationToken);

    public virtual ValueTask DisposeAsync() => disk.DisposeAsync();
}
