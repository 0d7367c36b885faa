using SnapBackup.Engine;

namespace SnapBackup.Control.Devices;

/// <summary>What the user of a device should know and do something about, each a sentence or two.</summary>
internal static class DeviceWarnings
{
    public static IEnumerable<string> Of(SnapDevice device, SnapDeviceStatistics statistics)
    {
        if (device.IncompleteRollback is { } target)
        {
            yield return $"{device.Name}: the rollback to '{target}' was not finished, so the source is partly as it was and partly as the snapshot, "
                + "and the origin is closed. Roll back again, to this or another snapshot, or abandon the rollback.";
        }

        foreach (var cause in device.Snapshots.Select(snapshot => snapshot.BreakCause).OfType<EngineException>())
            yield return cause.Message;
        foreach (var bookmark in device.Bookmarks.Where(bookmark => bookmark.ChangesLost))
            yield return WhyLost(device, bookmark);
        if (LogNotice.Of(device.Name, statistics) is { } logs)
            yield return logs.Message;
    }

    /// <summary>What is to be said of a bookmark since which changes are lost.</summary>
    public static string WhyLost(SnapDevice device, Bookmark bookmark) =>
        $"{device.Name}: what has changed since '{bookmark.Name}' is no longer known. Make a full archive, and forget the bookmark.";
}
