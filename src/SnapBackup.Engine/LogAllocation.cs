namespace SnapBackup.Engine;

/// <summary>Which log takes the next segment.</summary>
public enum LogAllocation
{
    /// <summary>The first log that has room: one log is filled before the next is touched.</summary>
    Sequential,

    /// <summary>The logs in turn, so that all of them share the load.</summary>
    Striped,

    /// <summary>The log with the most free space, so that logs of different sizes fill at the same time.</summary>
    MostFree,
}
