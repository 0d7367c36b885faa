using SnapBackup.Blocks.Linux;

namespace SnapBackup.Blocks;

/// <summary>
/// What a path finally names: two paths with equal identities (links, bind mounts, a device node twice) are
/// the same storage.
/// </summary>
/// <param name="IsBlockDevice">Whether it is a block device; else a regular file.</param>
/// <param name="Device">The device itself, or the one that holds the file, as major and minor number in one.</param>
/// <param name="Inode">The file's number on that device; 0 for a block device.</param>
public readonly record struct FileIdentity(bool IsBlockDevice, ulong Device, ulong Inode)
{
    /// <summary>The identity of what stands at a path, without opening it.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <returns>Null when nothing is there or it may not be looked at.</returns>
    public static FileIdentity? Of(string path) => StatxBuffer.Of(path)?.Identity;

    /// <summary>Whether a path names a regular file, found without opening it: opening a pipe waits for its other end.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <returns>False also when nothing is there or it may not be looked at.</returns>
    public static bool IsRegularFile(string path) => StatxBuffer.Of(path) is { IsRegularFile: true };
}
