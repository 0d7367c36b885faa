namespace SnapBackup.Blocks;

/// <summary>A device that can be made larger while it is in use.</summary>
public interface IGrowableDevice : IBlockDevice
{
    /// <summary>
    /// Makes the device larger. When this completes the new bytes read as zeros, their space is taken, so that no write to
    /// them can fail for want of room, and all of that is durable. Requests may run meanwhile; they reach the new bytes once
    /// <see cref="IBlockDevice.Size"/> has changed.
    /// </summary>
    /// <param name="size">The new size in bytes; with the size that it has nothing happens.</param>
    /// <param name="cancellationToken">Gives up between two steps of the allocation.</param>
    /// <exception cref="BlockDeviceException">
    /// There is no room, it can only be read, it cannot grow, or the size is smaller than it has
    /// (<see cref="BlockDeviceError.NotSupported"/>). The size is then as before, as it is after cancelling.
    /// </exception>
    ValueTask GrowAsync(long size, CancellationToken cancellationToken = default);
}
