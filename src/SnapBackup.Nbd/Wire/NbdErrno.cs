namespace SnapBackup.Nbd.Wire;

/// <summary>The protocol's error numbers (NBD_E*), under their own names.</summary>
internal enum NbdErrno : uint
{
    /// <summary>Success.</summary>
    None = 0,

    EPERM = 1,
    EIO = 5,
    ENOMEM = 12,
    EINVAL = 22,
    ENOSPC = 28,
    ENOTSUP = 95,
    ESHUTDOWN = 108,
}
