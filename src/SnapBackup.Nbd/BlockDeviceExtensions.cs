using SnapBackup.Blocks;

namespace SnapBackup.Nbd;

/// <summary>Closing from a thread that has nothing else to do.</summary>
internal static class BlockDeviceExtensions
{
    /// <summary>Closes the handle and waits for it.</summary>
    public static void Close(this IBlockDevice device) => device.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
