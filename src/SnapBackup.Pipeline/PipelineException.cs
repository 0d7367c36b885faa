using SnapBackup.Blocks;

namespace SnapBackup.Pipeline;

/// <summary>A job, its schedule or the record of its runs cannot be used. What a run meets in the layers below keeps its own error.</summary>
public sealed class PipelineException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public PipelineException(PipelineError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why the pipeline refused or failed.</summary>
    public PipelineError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;
}
