namespace SnapBackup.Blocks;

/// <summary>A device that can tell whether it may have been written while nobody of ours had it open.</summary>
public interface IStampedDevice : IBlockDevice
{
    /// <summary>
    /// Flushes the device and takes its stamp. Taken as the last thing before closing and compared with one taken as the
    /// first thing after opening again, it tells whether somebody else wrote in between.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The stamp; <see langword="default"/> when the device cannot be stamped, as while somebody is writing all the time.</returns>
    /// <exception cref="BlockDeviceException">The flush or the question failed.</exception>
    ValueTask<DeviceStamp> ReadStampAsync(CancellationToken cancellationToken = default);
}
