using SnapBackup.Blocks;

namespace SnapBackup.Nbd;

/// <summary>The server did not start, or gave up one connection.</summary>
public sealed class NbdException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public NbdException(NbdError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why the server or the connection gave up.</summary>
    public NbdError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;
}
