namespace SnapBackup.Kernel.Mounting;

/// <summary>The identity by which the kernel tells btrfs file systems: of two that have the same it would mount the wrong one, or none.</summary>
internal static class BtrfsIdentity
{
    /// <summary>Gives the file system of a device a new identity, in all copies of its superblock.</summary>
    /// <param name="device">The block device, which may be written.</param>
    /// <exception cref="KernelException"><see cref="KernelError.MountFailed"/>: it is of a kind that cannot be given one.</exception>
    public static void Renew(string device)
    {
        using var file = File.OpenHandle(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var identity = Guid.NewGuid();
        Span<byte> bytes = stackalloc byte[BtrfsSuperblock.Size];
        foreach (var offset in BtrfsSuperblock.Offsets)
        {
            if (RandomAccess.Read(file, bytes, offset) < bytes.Length)
                break; // The device ends before.
            var superblock = new BtrfsSuperblock(bytes);
            if (!superblock.IsOne)
                continue;
            ThrowIfStrange(superblock, device);
            superblock.Rename(identity);
            RandomAccess.Write(file, bytes, offset);
        }

        RandomAccess.FlushToDisk(file);
    }

    private static void ThrowIfStrange(BtrfsSuperblock superblock, string device)
    {
        if (superblock.DeviceCount > 1)
        {
            throw new KernelException(
                KernelError.MountFailed, $"{device} (btrfs): it is one of {superblock.DeviceCount} devices of its file system, which cannot be mounted from one. Attach all of them on another machine.");
        }

        if (superblock.UnknownChecksum is { } kind)
        {
            throw new KernelException(
                KernelError.MountFailed, $"{device} (btrfs): its checksums are of kind {kind}, with which it cannot be told from its origin. Mount it on another machine; crc32c, xxhash and sha256 can be mounted here.");
        }
    }
}
