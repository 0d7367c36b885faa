using SnapBackup.Blocks;

namespace SnapBackup.Control;

/// <summary>It is not clear what was asked for. What the layers below refuse keeps its own error.</summary>
public sealed class ControlException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public ControlException(ControlError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why.</summary>
    public ControlError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;
}
