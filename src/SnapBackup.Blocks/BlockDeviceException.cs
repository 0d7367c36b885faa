namespace SnapBackup.Blocks;

/// <summary>A block device refused or failed a request. Only that request is affected.</summary>
public sealed class BlockDeviceException : SnapBackupException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">The thing, the cause and the remedy.</param>
    /// <param name="innerException">What caused it, if another exception did.</param>
    public BlockDeviceException(BlockDeviceError reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Why the device refused or failed.</summary>
    public BlockDeviceError Reason { get; }

    /// <inheritdoc/>
    public override Enum ReasonCode => Reason;

    /// <summary>Refuses a request that is not inside a device; devices call it first, so that no code below need check again.</summary>
    /// <param name="name">The device, for the message.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="offset">Where the request starts.</param>
    /// <param name="length">How many bytes it covers.</param>
    /// <exception cref="BlockDeviceException"><see cref="BlockDeviceError.OutOfRange"/>.</exception>
    public static void ThrowIfOutside(string name, long size, long offset, long length)
    {
        if (offset < 0 || length < 0 || length > size || offset > size - length)
            throw OutOfRange(name, size, offset, length);
    }

    private static BlockDeviceException OutOfRange(string name, long size, long offset, long length) => new(
        BlockDeviceError.OutOfRange,
        $"{name}: a request for {length} bytes at offset {offset} reaches outside the device, which has {size} bytes.");
}
