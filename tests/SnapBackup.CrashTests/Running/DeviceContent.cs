using SnapBackup.Blocks;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Running;

/// <summary>All that a device holds.</summary>
internal static class DeviceContent
{
    public static async Task<DiskImage> ReadAsync(IBlockDevice device)
    {
        var content = new byte[device.Size];
        await device.ReadAsync(0, content);
        return DiskImage.Of(content);
    }
}
