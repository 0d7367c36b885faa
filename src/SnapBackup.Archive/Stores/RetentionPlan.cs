namespace SnapBackup.Archive.Stores;

/// <summary>Which archives of a device stay and which go.</summary>
/// <param name="Keep">The newest first.</param>
/// <param name="Remove">The newest first.</param>
public sealed record RetentionPlan(IReadOnlyList<ArchiveInfo> Keep, IReadOnlyList<ArchiveInfo> Remove)
{
    /// <summary>Keeps the newest archives of a device. Deletes nothing: the caller does, or only shows the plan.</summary>
    /// <param name="archives">Complete archives, of any devices and in any order.</param>
    /// <param name="deviceName">The device.</param>
    /// <param name="count">How many to keep, at least one.</param>
    /// <exception cref="ArchiveException"><see cref="ArchiveError.InvalidOption"/>: less than one would leave no backup.</exception>
    public static RetentionPlan KeepLast(IEnumerable<ArchiveInfo> archives, string deviceName, int count)
    {
        if (count < 1)
            throw new ArchiveException(ArchiveError.InvalidOption, $"Keeping {count} archives of {deviceName} would leave no backup: keep at least 1.");
        var newestFirst = archives
            .Where(archive => string.Equals(archive.Manifest.DeviceName, deviceName, StringComparison.Ordinal))
            .OrderByDescending(archive => archive.Manifest.SnapshotTime)
            .ThenByDescending(archive => archive.Manifest.ArchiveId)
            .ToList();
        return new RetentionPlan([.. newestFirst.Take(count)], [.. newestFirst.Skip(count)]);
    }
}
