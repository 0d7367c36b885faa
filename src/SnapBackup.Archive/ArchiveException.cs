using SnapBackup.Blocks;

namespace SnapBackup.Archive;

/// <summary>An archive operation refused or failed. Errors of the devices involved pass as they are.</summary>
public sealed class ArchiveException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public ArchiveException(ArchiveError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why the operation refused or failed.</summary>
    public ArchiveError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;

    internal static ArchiveException Damaged(string name, string what, Exception? innerException = null) => new(
        ArchiveError.Damaged,
        $"{name}: the archive is damaged: {what}. Use another archive or another copy of this one, and check the medium it lies on.",
        innerException);

    internal static ArchiveException BeyondLimit(string name, string what, long value, long limit) => new(
        ArchiveError.LimitExceeded,
        $"{name}: {what} is {value}, and no archive has more than {limit}: the file is damaged or not an archive. Use another copy.");
}
