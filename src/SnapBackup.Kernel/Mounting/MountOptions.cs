using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Mounting;

/// <summary>How a file system is to be mounted.</summary>
public sealed record MountOptions
{
    /// <summary>The folder to mount on, absolute; made, and removed again, when it does not exist.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it may be written. It is a copy of its own either way, for the kernel replays journals also on read-only mounts.</summary>
    public bool IsWritable { get; init; }

    /// <summary>The number of the partition that holds the file system; null when the device has none.</summary>
    public int? Partition { get; init; }

    /// <summary>Refuses a path that cannot be mounted on.</summary>
    /// <exception cref="KernelException"><see cref="KernelError.MountPointInUse"/>.</exception>
    public void ThrowIfPathInUse()
    {
        if (File.Exists(Path))
            throw new KernelException(KernelError.MountPointInUse, $"{Path}: it is a file. Name a folder to mount on.");
        if (MountTable.Read().Holding(Path)?.Path.Equals(Path, StringComparison.Ordinal) == true)
            throw new KernelException(KernelError.MountPointInUse, $"{Path}: something is mounted there. Unmount it, or name another folder.");
    }
}
