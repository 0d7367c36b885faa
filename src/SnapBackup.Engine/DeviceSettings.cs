namespace SnapBackup.Engine;

/// <summary>How a snap device preserves.</summary>
public record DeviceSettings
{
    /// <summary>The smallest block size, in bytes.</summary>
    public const int MinBlockSize = 4 << 10;

    /// <summary>The largest block size, in bytes.</summary>
    public const int MaxBlockSize = 1 << 20;

    /// <summary>How many logs a device can have.</summary>
    public const int MaxLogs = 512;

    /// <summary>The finest change granularity, in bytes.</summary>
    public const int MinChangeGranularity = 4 << 10;

    /// <summary>The coarsest change granularity, in bytes.</summary>
    public const int MaxChangeGranularity = 64 << 10;

    /// <summary>
    /// The unit of preservation in bytes: a power of two from <see cref="MinBlockSize"/> to <see cref="MaxBlockSize"/>.
    /// Small blocks copy less for random writes; large ones take less memory for sequential ones. A device that is opened again keeps the
    /// one it was set up with.
    /// </summary>
    public int BlockSize { get; init; } = MinBlockSize;

    /// <summary>
    /// The unit of the change map in bytes: a power of two from <see cref="MinChangeGranularity"/> to <see cref="MaxChangeGranularity"/>;
    /// a larger block size takes its place. Small ones make smaller incrementals; 64 KiB take 2 MiB of memory a TiB of source. A device that is
    /// opened again keeps the one it was set up with.
    /// </summary>
    public int ChangeGranularity { get; init; } = MaxChangeGranularity;

    /// <summary>Whether snapshots and the change map survive a power cut. A device that is opened again keeps what it was set up with.</summary>
    public LogDurability Durability { get; init; } = LogDurability.Strict;

    /// <summary>Which log takes the next segment.</summary>
    public LogAllocation Allocation { get; init; } = LogAllocation.Sequential;

    /// <summary>What is done as the logs fill.</summary>
    public OverflowOptions Overflow { get; init; } = new();

    /// <summary>What tells when a snapshot started, and how fast the logs fill.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The unit of the change map that is used, in bytes.</summary>
    internal int EffectiveGranularity => Math.Max(BlockSize, ChangeGranularity);
}
