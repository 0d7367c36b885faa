using System.Management.Automation;
using SnapBackup.Blocks;

namespace SnapBackup.PowerShell;

/// <summary>The one place where reasons become PowerShell's error categories; the error id is the exception's own.</summary>
public static class ErrorRecordMap
{
    /// <summary>The error record of an error that SnapBackup reports on purpose.</summary>
    /// <param name="error">The error.</param>
    /// <param name="target">What it is about, when that is known.</param>
    /// <returns>A record whose id is <see cref="SnapBackupException.ErrorId"/>.</returns>
    public static ErrorRecord ToErrorRecord(SnapBackupException error, object? target) =>
        new(error, error.ErrorId, CategoryOf(error.ReasonCode), target);

    /// <summary>The category of a reason.</summary>
    /// <param name="reason">A member of a layer's reason enum.</param>
    /// <returns>Its category; <see cref="ErrorCategory.NotSpecified"/> for a reason that this map has forgotten.</returns>
    public static ErrorCategory CategoryOf(Enum reason) => reason switch
    {
        BlockDeviceError blockDevice => CategoryOf(blockDevice),
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(BlockDeviceError reason) => reason switch
    {
        BlockDeviceError.NotFound => ErrorCategory.ObjectNotFound,
        BlockDeviceError.NotABlockDevice => ErrorCategory.InvalidType,
        BlockDeviceError.AccessDenied => ErrorCategory.PermissionDenied,
        BlockDeviceError.ReadOnly => ErrorCategory.PermissionDenied,
        BlockDeviceError.Busy => ErrorCategory.ResourceBusy,
        BlockDeviceError.AlreadyExists => ErrorCategory.ResourceExists,
        BlockDeviceError.OutOfRange => ErrorCategory.InvalidArgument,
        BlockDeviceError.InputOutput => ErrorCategory.DeviceError,
        BlockDeviceError.NoSpace => ErrorCategory.LimitsExceeded,
        BlockDeviceError.SizeChanged => ErrorCategory.InvalidData,
        BlockDeviceError.NotSupported => ErrorCategory.NotImplemented,
        BlockDeviceError.Closed => ErrorCategory.InvalidOperation,
        _ => ErrorCategory.NotSpecified,
    };
}
