namespace SnapBackup.Control.Mounts;

/// <summary>A file system of a snapshot that is mounted on this machine.</summary>
public sealed record SnapshotMountInfo
{
    /// <summary>The name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>The name of the snapshot.</summary>
    public required string Snapshot { get; init; }

    /// <summary>Where it is mounted.</summary>
    public required string Path { get; init; }

    /// <summary>Its kind, such as <c>ext4</c>.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Whether it may be written. What is written is gone when it is unmounted.</summary>
    public required bool IsWritable { get; init; }

    /// <summary>The block device that it is mounted from.</summary>
    public required string BlockDevice { get; init; }

    internal static SnapshotMountInfo Of(MountedSnapshot mount) => new()
    {
        Device = mount.Device,
        Snapshot = mount.Snapshot,
        Path = mount.FileSystem.Path,
        FileSystem = mount.FileSystem.FileSystem,
        IsWritable = mount.FileSystem.IsWritable,
        BlockDevice = mount.FileSystem.BlockDevice,
    };
}
