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
}
