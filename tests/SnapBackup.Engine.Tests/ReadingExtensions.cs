using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

internal static class ReadingExtensions
{
    public static async Task<byte[]> ReadAsync(this IBlockDevice device, long offset, int length)
    {
        var buffer = new byte[length];
        await device.ReadAsync(offset, buffer);
        return buffer;
    }

    public static async Task<byte[]> ReadAllAsync(this Snapshot snapshot)
    {
        await using var device = snapshot.Open();
        return await device.ReadAsync(0, (int)device.Size);
    }
}
