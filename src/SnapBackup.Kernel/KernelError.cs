namespace SnapBackup.Kernel;

/// <summary>Why this machine's kernel could not be given something, or would not do it.</summary>
public enum KernelError
{
    /// <summary>Only root may attach and mount.</summary>
    NotPermitted,

    /// <summary>A program is not installed that is needed for it.</summary>
    ToolMissing,

    /// <summary>A program did not end in time, and was ended.</summary>
    ToolTimeout,

    /// <summary>The folder in which attachments are registered cannot be used.</summary>
    RegistryUnusable,

    /// <summary>The export could not be made a block device.</summary>
    AttachFailed,

    /// <summary>The export did not become a block device in time.</summary>
    AttachTimeout,

    /// <summary>There is no free block device (loop or nbd) to attach to.</summary>
    NoFreeDevice,

    /// <summary>The export is attached already.</summary>
    AlreadyAttached,

    /// <summary>The export is not attached by this process.</summary>
    NotAttached,

    /// <summary>A block device is still attached that would lose its export.</summary>
    StillAttached,

    /// <summary>A file system of the block device is still mounted.</summary>
    StillMounted,

    /// <summary>The snapshot is not mounted by this process.</summary>
    NotMounted,

    /// <summary>Something is mounted at the path, or it is no folder.</summary>
    MountPointInUse,

    /// <summary>The block device holds partitions, and none was named.</summary>
    PartitionNotNamed,

    /// <summary>The block device has no partition of that number.</summary>
    PartitionNotFound,

    /// <summary>There is no file system that is known.</summary>
    NoFileSystem,

    /// <summary>The kernel would not mount it.</summary>
    MountFailed,

    /// <summary>The time that a file system may be frozen is too short or too long.</summary>
    InvalidFreezeLimit,

    /// <summary>What must stay writable lies on the file system that was to be frozen.</summary>
    FreezeRefused,

    /// <summary>The file system could not be frozen, or not under the eyes of a watchdog.</summary>
    FreezeFailed,

    /// <summary>What was to be done while the file system was frozen took too long.</summary>
    FreezeTimeout,
}
