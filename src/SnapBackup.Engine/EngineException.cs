using SnapBackup.Blocks;

namespace SnapBackup.Engine;

/// <summary>The engine refused or failed a request.</summary>
public sealed class EngineException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public EngineException(EngineError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why.</summary>
    public EngineError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;
}
