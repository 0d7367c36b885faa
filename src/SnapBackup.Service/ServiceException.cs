using SnapBackup.Blocks;

namespace SnapBackup.Service;

/// <summary>The service as a process cannot start or stop. What its jobs meet is reported as theirs.</summary>
public sealed class ServiceException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public ServiceException(ServiceError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why the service refused or failed.</summary>
    public ServiceError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;
}
