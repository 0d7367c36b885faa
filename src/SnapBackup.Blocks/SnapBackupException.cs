namespace SnapBackup.Blocks;

/// <summary>
/// The base of every error that SnapBackup reports on purpose. Each layer derives one exception
/// with an enum of reasons; the message names the thing, the cause and what to do.
/// </summary>
public abstract class SnapBackupException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">The thing, the cause and the remedy, in one or two sentences.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    protected SnapBackupException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The reason, a member of the layer's own enum.</summary>
    public abstract Enum ReasonCode { get; }

    /// <summary>A stable name for scripts and alerts, such as <c>BlockDeviceError.Busy</c>.</summary>
    public string ErrorId => $"{ReasonCode.GetType().Name}.{ReasonCode}";
}
