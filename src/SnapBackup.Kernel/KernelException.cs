using SnapBackup.Blocks;

namespace SnapBackup.Kernel;

/// <summary>This machine's kernel, or a program that speaks to it, could not do what was asked for.</summary>
public sealed class KernelException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public KernelException(KernelError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why.</summary>
    public KernelError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;
}
