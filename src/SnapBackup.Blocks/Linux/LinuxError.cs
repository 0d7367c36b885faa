using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary>Turns errno into an error that names the thing, the cause and the remedy. The one place that does.</summary>
internal static class LinuxError
{
    /// <summary>The exception for the call that has just failed.</summary>
    public static BlockDeviceException Last(string name, string operation) =>
        From(Marshal.GetLastPInvokeError(), name, operation);

    public static BlockDeviceException From(int errno, string name, string operation)
    {
        var (reason, remedy) = Explain(errno);
        return new BlockDeviceException(
            reason, $"{name}: {operation} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}). {remedy}");
    }

    private static (BlockDeviceError Reason, string Remedy) Explain(int errno) => errno switch
    {
        Errno.ENOENT or Errno.ENOTDIR => (BlockDeviceError.NotFound, "Check the path."),
        Errno.EACCES or Errno.EPERM => (BlockDeviceError.AccessDenied, "Run as a user who may open it (for disks: root or the group disk)."),
        Errno.EROFS => (BlockDeviceError.ReadOnly, "The file system or device is read-only."),
        Errno.EBUSY or Errno.EAGAIN or Errno.ETXTBSY => (BlockDeviceError.Busy,
            "It is mounted, or in use by another program or as another device here: unmount it, or stop what uses it ('fuser -v' with its path names it)."),
        Errno.EEXIST => (BlockDeviceError.AlreadyExists, "Choose another path or remove the file."),
        Errno.EISDIR => (BlockDeviceError.NotABlockDevice, "Name a regular file or a block device."),
        Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG => (BlockDeviceError.NoSpace, "Make room on the file system that holds it."),
        Errno.EOPNOTSUPP or Errno.ENOTTY or Errno.ENOSYS => (BlockDeviceError.NotSupported, "The file system or device does not offer it."),
        _ => (BlockDeviceError.InputOutput, "Look at the kernel's log (dmesg) and the health of the medium."),
    };
}
