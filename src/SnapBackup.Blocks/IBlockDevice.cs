namespace SnapBackup.Blocks;

/// <summary>
/// A byte-addressed device. Requests may be unaligned and may run at the same time;
/// overlapping writes that run at the same time leave either's bytes, as on a disk.
/// </summary>
/// <remarks>
/// <para>
/// Every operation completes synchronously when it can, and then allocates nothing. The buffer
/// belongs to the device until the operation completes.
/// </para>
/// <para>
/// An error is a <see cref="BlockDeviceException"/> (or another <see cref="SnapBackupException"/>) of
/// the one request that met it. Disposing closes this handle; whoever opened it disposes it.
/// </para>
/// </remarks>
public interface IBlockDevice : IAsyncDisposable
{
    /// <summary>What the operator calls it: a path, <c>snap0</c> or <c>snap0@nightly</c>. Used in messages.</summary>
    string Name { get; }

    /// <summary>The size in bytes. While the device is open only growing (<see cref="IGrowableDevice"/>) changes it.</summary>
    long Size { get; }

    /// <summary>The smallest unit the medium writes at once, in bytes; a power of two, 512 or more. Smaller requests work, slower.</summary>
    int SectorSize { get; }

    /// <summary>Whether writes, zeros and trims are refused.</summary>
    bool IsReadOnly { get; }

    /// <summary>
    /// Whether what is written through this handle is seen through this handle alone. Else every handle of the same device sees it, and those
    /// who write may share the work between several.
    /// </summary>
    bool IsPrivate => false;

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offset"/>.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <param name="buffer">Filled to the last byte, or the request fails.</param>
    /// <param name="cancellationToken">Gives up waiting; the buffer's content is then undefined.</param>
    ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Stores <paramref name="data"/> at <paramref name="offset"/>.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <param name="data">What to store.</param>
    /// <param name="options"><see cref="WriteOptions.ForceUnitAccess"/> or none.</param>
    /// <param name="cancellationToken">Gives up before the medium is touched; once started, a write is finished.</param>
    ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default);

    /// <summary>Makes a range read as zeros, as a hole where that is possible and allowed.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <param name="length">How many bytes; any number up to the end of the device.</param>
    /// <param name="options">Any combination.</param>
    /// <param name="cancellationToken">As for <see cref="WriteAsync"/>.</param>
    ValueTask WriteZeroesAsync(
        long offset, long length, WriteOptions options = WriteOptions.None, CancellationToken cancellationToken = default);

    /// <summary>Says that a range is no longer needed. What it then reads as is the device's affair.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="cancellationToken">As for <see cref="WriteAsync"/>.</param>
    ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken = default);

    /// <summary>Makes every write that completed before this call durable.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>Tells data from holes without reading.</summary>
    /// <param name="offset">Where to start, in bytes.</param>
    /// <param name="length">How far to look; at least one byte, inside the device.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The first run from <paramref name="offset"/>, at most <paramref name="length"/> bytes long.</returns>
    ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken = default);
}
