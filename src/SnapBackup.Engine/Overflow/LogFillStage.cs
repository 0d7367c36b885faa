namespace SnapBackup.Engine;

/// <summary>How far a device has come on the way to full logs.</summary>
public enum LogFillStage
{
    /// <summary>There is room for longer than <see cref="OverflowOptions.Horizon"/>.</summary>
    None,

    /// <summary>At this rate the logs are full within <see cref="OverflowOptions.Horizon"/>.</summary>
    Filling,

    /// <summary>A log has grown.</summary>
    Grown,

    /// <summary>A log should have grown and could not; it is tried again when there is no room left.</summary>
    GrowthFailed,

    /// <summary>Writes are slowed (<see cref="OverflowOptions.SlowFrom"/>).</summary>
    Slowed,

    /// <summary>There is no room left, and writes wait for it (<see cref="OverflowPolicy.Hold"/>).</summary>
    Held,

    /// <summary>There was no room left, and something that was kept has been given up.</summary>
    Overflowed,
}
