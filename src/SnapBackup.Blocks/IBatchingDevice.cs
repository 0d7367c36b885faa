namespace SnapBackup.Blocks;

/// <summary>
/// A device whose requests cost less when they are worked off together. Someone who begins several at once and then has nothing else to do says so,
/// and lends the device its thread.
/// </summary>
public interface IBatchingDevice : IBlockDevice
{
    /// <summary>
    /// Whether a request begun on this handle may be left lying, if it cannot be completed at once, until <see cref="WorkOff"/>. False unless it is set. Only
    /// the thread that begins requests sets it, and calls <see cref="WorkOff"/> before it waits for anything.
    /// </summary>
    bool IsBatching { get; set; }

    /// <summary>Works off what was left lying, on this thread as far as that goes without waiting for another.</summary>
    void WorkOff();
}
