using SnapBackup.Blocks;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>What a client is told of an exception. The one place that decides it.</summary>
internal static class ErrnoMap
{
    public static NbdErrno Of(Exception exception) => exception switch
    {
        BlockDeviceException device => Of(device.Reason),
        OperationCanceledException => NbdErrno.ESHUTDOWN,
        OutOfMemoryException => NbdErrno.ENOMEM,
        _ => NbdErrno.EIO,
    };

    private static NbdErrno Of(BlockDeviceError reason) => reason switch
    {
        BlockDeviceError.AccessDenied or BlockDeviceError.ReadOnly => NbdErrno.EPERM,
        BlockDeviceError.OutOfRange => NbdErrno.EINVAL,
        BlockDeviceError.NoSpace => NbdErrno.ENOSPC,
        BlockDeviceError.NotSupported => NbdErrno.ENOTSUP,
        BlockDeviceError.Closed => NbdErrno.ESHUTDOWN,
        _ => NbdErrno.EIO,
    };
}
