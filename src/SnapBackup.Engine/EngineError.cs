namespace SnapBackup.Engine;

/// <summary>Why the engine refused or failed.</summary>
public enum EngineError
{
    /// <summary>The name is not one that a device or snapshot can have.</summary>
    InvalidName,

    /// <summary>A device of that name is set up already.</summary>
    NameInUse,

    /// <summary>Another device of this process has the source.</summary>
    SourceInUse,

    /// <summary>No device of that name is set up.</summary>
    DeviceNotFound,

    /// <summary>As many devices as allowed are set up already.</summary>
    TooManyDevices,

    /// <summary>The block size is not a power of two from 4 KiB to 1 MiB.</summary>
    InvalidBlockSize,

    /// <summary>The source has no bytes to protect.</summary>
    EmptySource,

    /// <summary>The source or a log is larger than the index can address.</summary>
    TooLarge,

    /// <summary>No log was given, or more than the engine takes.</summary>
    InvalidLogCount,

    /// <summary>A log is the source itself, or the same storage was named twice.</summary>
    LogSharesStorage,

    /// <summary>The log cannot be written.</summary>
    LogReadOnly,

    /// <summary>The log has no room for its own bookkeeping and as much again.</summary>
    LogTooSmall,

    /// <summary>The log does not exist and no size was given to create it with.</summary>
    LogNotFound,

    /// <summary>The log file exists with another size than the one given.</summary>
    LogSizeMismatch,

    /// <summary>The log cannot grow, or is larger already than it may grow.</summary>
    LogCannotGrow,

    /// <summary>The log holds something that is not a log of ours.</summary>
    LogHoldsForeignData,

    /// <summary>The log was written by a newer version.</summary>
    LogFormatTooNew,

    /// <summary>A preserved block does not have the checksum that was recorded for it.</summary>
    LogCorrupt,

    /// <summary>The log keeps snapshots or bookmarks, which would be lost.</summary>
    LogHoldsSnapshots,

    /// <summary>The log is not one of those the device was set up with.</summary>
    LogOfAnotherDevice,

    /// <summary>A log that the device was set up with was not given.</summary>
    LogMissing,

    /// <summary>The logs keep nothing: their set-up was interrupted, or they were volatile and a crash came.</summary>
    NothingKept,

    /// <summary>A log cannot be read at all, or none works any more.</summary>
    LogFailed,

    /// <summary>The source is not the one that the logs were set up for: not as large, or another file or disk.</summary>
    SourceMismatch,

    /// <summary>The change granularity is not a power of two from 4 KiB to 64 KiB.</summary>
    InvalidChangeGranularity,

    /// <summary>An option about full logs is out of its range.</summary>
    InvalidOverflowOption,

    /// <summary>The logs are full and writes are held until there is room.</summary>
    WritersHeld,

    /// <summary>A snapshot or bookmark of that name is being kept already.</summary>
    SnapshotAlreadyStarted,

    /// <summary>No snapshot of that name is being kept.</summary>
    SnapshotNotStarted,

    /// <summary>As many snapshots and bookmarks as a catalog holds are being kept already.</summary>
    TooManySnapshots,

    /// <summary>No bookmark or snapshot of that name is being kept.</summary>
    BookmarkNotFound,

    /// <summary>What changed since the point is no longer known.</summary>
    ChangesLost,

    /// <summary>The snapshot was ended; its content is gone.</summary>
    SnapshotEnded,

    /// <summary>The snapshot could not be kept; its content is gone.</summary>
    SnapshotBroken,

    /// <summary>No device was named, or one twice.</summary>
    InvalidGroup,

    /// <summary>A device of the group failed, so none keeps the snapshot.</summary>
    GroupStartFailed,

    /// <summary>It is not known yet whether all devices of the group have the snapshot.</summary>
    GroupUnconfirmed,

    /// <summary>A rollback was begun and not finished, so the source is a mix of before and after.</summary>
    RollbackIncomplete,

    /// <summary>The logs have no room for what the operation has to preserve.</summary>
    LogsTooFull,

    /// <summary>The source could not be read when the snapshot started or when the block was to be preserved.</summary>
    SourceUnreadable,

    /// <summary>Someone has the device open.</summary>
    DeviceInUse,

    /// <summary>The device was torn down.</summary>
    DeviceTornDown,
}
