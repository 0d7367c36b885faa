using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Cycle;

/// <summary>Removes log files that were made for a job.</summary>
public static class LogFile
{
    /// <summary>Removes a log, unless somebody uses it by now: then it is theirs. The lock is held until the name is gone.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>Whether it was there and was removed.</returns>
    /// <exception cref="BlockDeviceException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder may not be changed.</exception>
    public static async Task<bool> RemoveAsync(string path)
    {
        try
        {
            var log = FileBlockDevice.Open(path);
            await using (log.ConfigureAwait(false))
            {
                if (log.Identity.IsBlockDevice)
                    return false; // made by nobody's run
                File.Delete(path);
                return true;
            }
        }
        catch (BlockDeviceException exception) when (exception.Reason is BlockDeviceError.NotFound or BlockDeviceError.Busy)
        {
            return false;
        }
    }
}
