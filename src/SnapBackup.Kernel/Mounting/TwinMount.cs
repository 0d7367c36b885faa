using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Mounting;

/// <summary>
/// Mounts a file system of which a copy with the same identity may be mounted too. To ext4 that makes no difference; xfs is told to overlook it;
/// btrfs, which tells its devices by that identity, is given another.
/// </summary>
/// <param name="FileSystem">The kind of file system.</param>
/// <param name="Device">The block device that holds it, which may be written.</param>
internal readonly record struct TwinMount(string FileSystem, string Device)
{
    private const string Xfs = "xfs";
    private const string Btrfs = "btrfs";

    /// <remarks>What lies on somebody's disk is data here, and gives nobody rights or devices.</remarks>
    private string Options => FileSystem.Equals(Xfs, StringComparison.Ordinal) ? ",nosuid,nodev,nouuid" : ",nosuid,nodev";

    public async Task MountAsync(string path, bool isWritable, CancellationToken cancellationToken)
    {
        if (FileSystem.Equals(Btrfs, StringComparison.Ordinal))
            BtrfsIdentity.Renew(Device);
        var mount = await SystemTool.Get("mount", "mount").RunAsync(
            cancellationToken, "-t", FileSystem, "-o", (isWritable ? "rw" : "ro") + Options, Device, path).ConfigureAwait(false);
        if (!mount.Succeeded)
        {
            throw new KernelException(
                KernelError.MountFailed, $"{Device} ({FileSystem}) could not be mounted on {path}: {mount.Complaint}. Look at the kernel's log (dmesg).");
        }
    }
}
