using System.Management.Automation;
using SnapBackup.Archive;
using SnapBackup.Blocks;
using SnapBackup.Control;
using SnapBackup.Engine;
using SnapBackup.Kernel;
using SnapBackup.Nbd;
using SnapBackup.Pipeline;

namespace SnapBackup.PowerShell;

/// <summary>The one place where reasons become PowerShell's error categories; the error id is the exception's own.</summary>
public static class ErrorRecordMap
{
    /// <summary>The error record of an error that SnapBackup reports on purpose.</summary>
    /// <param name="error">The error.</param>
    /// <param name="advice">What is to be said to its user besides; null for nothing.</param>
    /// <param name="target">What it is about, when that is known.</param>
    /// <returns>A record whose id is <see cref="SnapBackupException.ErrorId"/>.</returns>
    public static ErrorRecord ToErrorRecord(SnapBackupException error, string? advice, object? target)
    {
        var record = new ErrorRecord(error, error.ErrorId, CategoryOf(error.ReasonCode), target);
        if (advice is not null)
            record.ErrorDetails = new ErrorDetails($"{error.Message} {advice}");
        return record;
    }

    /// <summary>The category of a reason.</summary>
    /// <param name="reason">A member of a layer's reason enum.</param>
    /// <returns>Its category; <see cref="ErrorCategory.NotSpecified"/> for a reason that this map has forgotten.</returns>
    public static ErrorCategory CategoryOf(Enum reason) => reason switch
    {
        BlockDeviceError blockDevice => CategoryOf(blockDevice),
        EngineError engine => CategoryOf(engine),
        ArchiveError archive => CategoryOf(archive),
        NbdError nbd => CategoryOf(nbd),
        KernelError kernel => CategoryOf(kernel),
        PipelineError pipeline => CategoryOf(pipeline),
        ControlError control => CategoryOf(control),
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

    private static ErrorCategory CategoryOf(EngineError reason) => reason switch
    {
        EngineError.InvalidName => ErrorCategory.InvalidArgument,
        EngineError.NameInUse => ErrorCategory.ResourceExists,
        EngineError.TooLarge => ErrorCategory.LimitsExceeded,
        EngineError.SourceInUse => ErrorCategory.ResourceBusy,
        EngineError.DeviceNotFound => ErrorCategory.ObjectNotFound,
        EngineError.TooManyDevices => ErrorCategory.LimitsExceeded,
        EngineError.InvalidBlockSize => ErrorCategory.InvalidArgument,
        EngineError.EmptySource => ErrorCategory.InvalidArgument,
        EngineError.InvalidLogCount => ErrorCategory.InvalidArgument,
        EngineError.LogSharesStorage => ErrorCategory.InvalidArgument,
        EngineError.LogReadOnly => ErrorCategory.PermissionDenied,
        EngineError.LogTooSmall => ErrorCategory.InvalidArgument,
        EngineError.LogNotFound => ErrorCategory.ObjectNotFound,
        EngineError.LogSizeMismatch => ErrorCategory.InvalidArgument,
        EngineError.LogCannotGrow => ErrorCategory.InvalidArgument,
        EngineError.InvalidOverflowOption => ErrorCategory.InvalidArgument,
        EngineError.WritersHeld => ErrorCategory.ResourceBusy,
        EngineError.LogHoldsForeignData => ErrorCategory.ResourceExists,
        EngineError.LogFormatTooNew => ErrorCategory.InvalidData,
        EngineError.LogCorrupt => ErrorCategory.InvalidData,
        EngineError.LogHoldsSnapshots => ErrorCategory.ResourceExists,
        EngineError.LogOfAnotherDevice => ErrorCategory.InvalidArgument,
        EngineError.LogMissing => ErrorCategory.ObjectNotFound,
        EngineError.NothingKept => ErrorCategory.ObjectNotFound,
        EngineError.LogFailed => ErrorCategory.DeviceError,
        EngineError.SourceMismatch => ErrorCategory.InvalidArgument,
        EngineError.InvalidChangeGranularity => ErrorCategory.InvalidArgument,
        EngineError.SnapshotAlreadyStarted => ErrorCategory.ResourceExists,
        EngineError.SnapshotNotStarted => ErrorCategory.ObjectNotFound,
        EngineError.TooManySnapshots => ErrorCategory.LimitsExceeded,
        EngineError.BookmarkNotFound => ErrorCategory.ObjectNotFound,
        EngineError.ChangesLost => ErrorCategory.ResourceUnavailable,
        EngineError.SnapshotEnded => ErrorCategory.ResourceUnavailable,
        EngineError.SnapshotBroken => ErrorCategory.ResourceUnavailable,
        EngineError.InvalidGroup => ErrorCategory.InvalidArgument,
        EngineError.GroupStartFailed => ErrorCategory.OperationStopped,
        EngineError.GroupUnconfirmed => ErrorCategory.ResourceUnavailable,
        EngineError.RollbackIncomplete => ErrorCategory.ResourceUnavailable,
        EngineError.LogsTooFull => ErrorCategory.LimitsExceeded,
        EngineError.SourceUnreadable => ErrorCategory.ReadError,
        EngineError.DeviceInUse => ErrorCategory.ResourceBusy,
        EngineError.DeviceTornDown => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(ArchiveError reason) => reason switch
    {
        ArchiveError.InvalidOption => ErrorCategory.InvalidArgument,
        ArchiveError.UnsupportedSource => ErrorCategory.InvalidArgument,
        ArchiveError.NotFound => ErrorCategory.ObjectNotFound,
        ArchiveError.AccessDenied => ErrorCategory.PermissionDenied,
        ArchiveError.NoSpace => ErrorCategory.LimitsExceeded,
        ArchiveError.StoreFailed => ErrorCategory.WriteError,
        ArchiveError.NotAnArchive => ErrorCategory.InvalidData,
        ArchiveError.Truncated => ErrorCategory.InvalidData,
        ArchiveError.UnsupportedVersion => ErrorCategory.InvalidData,
        ArchiveError.LimitExceeded => ErrorCategory.InvalidData,
        ArchiveError.Damaged => ErrorCategory.InvalidData,
        ArchiveError.TargetRefused => ErrorCategory.ResourceExists,
        ArchiveError.TargetTooSmall => ErrorCategory.InvalidArgument,
        ArchiveError.RestoreUnfinished => ErrorCategory.WriteError,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(NbdError reason) => reason switch
    {
        NbdError.BadAddress => ErrorCategory.InvalidArgument,
        NbdError.AddressInUse => ErrorCategory.ResourceBusy,
        NbdError.TlsNeeded => ErrorCategory.SecurityError,
        NbdError.BadCertificate => ErrorCategory.InvalidArgument,
        NbdError.TlsFailed => ErrorCategory.AuthenticationError,
        NbdError.TooManyConnections => ErrorCategory.LimitsExceeded,
        NbdError.HandshakeTimeout => ErrorCategory.OperationTimeout,
        NbdError.UnknownExport => ErrorCategory.ObjectNotFound,
        NbdError.ProtocolViolation => ErrorCategory.ProtocolError,
        NbdError.ConnectionFailed => ErrorCategory.ConnectionError,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(PipelineError reason) => reason switch
    {
        PipelineError.InvalidJob => ErrorCategory.InvalidData,
        PipelineError.JobNotFound => ErrorCategory.ObjectNotFound,
        PipelineError.JobExists => ErrorCategory.ResourceExists,
        PipelineError.JobFolderUnusable => ErrorCategory.ResourceUnavailable,
        PipelineError.JournalTooNew => ErrorCategory.InvalidData,
        PipelineError.JournalUnusable => ErrorCategory.ResourceUnavailable,
        PipelineError.RunNotFound => ErrorCategory.ObjectNotFound,
        PipelineError.RunInterrupted => ErrorCategory.OperationStopped,
        PipelineError.SchedulerUnusable => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(KernelError reason) => reason switch
    {
        KernelError.NotPermitted => ErrorCategory.PermissionDenied,
        KernelError.ToolMissing => ErrorCategory.NotInstalled,
        KernelError.ToolTimeout => ErrorCategory.OperationTimeout,
        KernelError.RegistryUnusable => ErrorCategory.ResourceUnavailable,
        KernelError.AttachFailed => ErrorCategory.ConnectionError,
        KernelError.AttachTimeout => ErrorCategory.OperationTimeout,
        KernelError.NoFreeDevice => ErrorCategory.LimitsExceeded,
        KernelError.AlreadyAttached => ErrorCategory.ResourceExists,
        KernelError.NotAttached => ErrorCategory.ObjectNotFound,
        KernelError.StillAttached => ErrorCategory.ResourceBusy,
        KernelError.StillMounted => ErrorCategory.ResourceBusy,
        KernelError.NotMounted => ErrorCategory.ObjectNotFound,
        KernelError.MountPointInUse => ErrorCategory.ResourceExists,
        KernelError.PartitionNotNamed => ErrorCategory.InvalidArgument,
        KernelError.PartitionNotFound => ErrorCategory.ObjectNotFound,
        KernelError.NoFileSystem => ErrorCategory.InvalidData,
        KernelError.MountFailed => ErrorCategory.DeviceError,
        KernelError.InvalidFreezeLimit => ErrorCategory.InvalidArgument,
        KernelError.FreezeRefused => ErrorCategory.ResourceBusy,
        KernelError.FreezeFailed => ErrorCategory.DeviceError,
        KernelError.FreezeTimeout => ErrorCategory.OperationTimeout,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory CategoryOf(ControlError reason) => reason switch
    {
        ControlError.SnapshotNotNamed => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };
}
