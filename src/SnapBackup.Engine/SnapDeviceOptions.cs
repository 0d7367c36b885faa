namespace SnapBackup.Engine;

/// <summary>What a snap device is set up from.</summary>
public sealed record SnapDeviceOptions
{
    /// <summary>The smallest block size, in bytes.</summary>
    public const int MinBlockSize = 4 << 10;

    /// <summary>The largest block size, in bytes.</summary>
    public const int MaxBlockSize = 1 << 20;

    /// <summary>How many logs a device can have.</summary>
    public const int MaxLogs = 512;

    /// <summary>Its name; left out, the first free of <c>snap0</c>, <c>snap1</c>, …</summary>
    public string? Name { get; init; }

    /// <summary>The path of the disk image or block device to protect. It is opened for exclusive use.</summary>
    public required string Source { get; init; }

    /// <summary>1 to <see cref="MaxLogs"/> logs, filled in this order.</summary>
    public required IReadOnlyList<LogOptions> Logs { get; init; }

    /// <summary>
    /// The unit of preservation in bytes: a power of two from <see cref="MinBlockSize"/> to <see cref="MaxBlockSize"/>.
    /// Small blocks copy less for random writes; large ones take less memory for sequential ones.
    /// </summary>
    public int BlockSize { get; init; } = MinBlockSize;
}
