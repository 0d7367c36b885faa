namespace SnapBackup.Blocks;

/// <summary>Why a block device refused or failed.</summary>
public enum BlockDeviceError
{
    /// <summary>Nothing exists at the path.</summary>
    NotFound,

    /// <summary>The path names a folder, a pipe or a character device: neither a regular file nor a block device.</summary>
    NotABlockDevice,

    /// <summary>The caller may not open it.</summary>
    AccessDenied,

    /// <summary>It can only be read.</summary>
    ReadOnly,

    /// <summary>Another opener, in this process or another, or a mount, holds it.</summary>
    Busy,

    /// <summary>A file that should be created exists already.</summary>
    AlreadyExists,

    /// <summary>The request reaches outside the device.</summary>
    OutOfRange,

    /// <summary>The medium failed the request.</summary>
    InputOutput,

    /// <summary>The file system or thin device has no room left.</summary>
    NoSpace,

    /// <summary>The device became smaller than it was when it was opened: its medium changed.</summary>
    SizeChanged,

    /// <summary>The request is not supported by this device.</summary>
    NotSupported,

    /// <summary>The handle was closed.</summary>
    Closed,
}
