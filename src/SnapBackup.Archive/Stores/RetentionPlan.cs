namespace SnapBackup.Archive.Stores;

/// <summary>Which archives of a series stay and which go.</summary>
/// <param name="Keep">The newest first.</param>
/// <param name="Remove">The newest first.</param>
public sealed record RetentionPlan(IReadOnlyList<ArchiveInfo> Keep, IReadOnlyList<ArchiveInfo> Remove)
{
    /// <summary>
    /// Keeps the newest archives of a series. Deletes nothing: the caller does, or only shows the plan. Names do not count:
    /// two hosts may have a job, and an operator a device, of the same name.
    /// </summary>
    /// <param name="archives">Complete archives, of any series and in any order.</param>
    /// <param name="seriesId">The series.</param>
    /// <param name="count">How many to keep, at least one.</param>
    /// <exception cref="ArchiveException"><see cref="ArchiveError.InvalidOption"/>: less than one would leave no backup.</exception>
    public static RetentionPlan KeepLast(IEnumerable<ArchiveInfo> archives, Guid seriesId, int count)
    {
        if (count < 1)
            throw new ArchiveException(ArchiveError.InvalidOption, $"Keeping {count} archives would leave no backup: keep at least 1.");
        var newestFirst = archives
            .Where(archive => archive.Manifest.SeriesId == seriesId)
            .OrderByDescending(archive => archive.Manifest.SnapshotTime)
            .ThenByDescending(archive => archive.Manifest.ArchiveId)
            .ToList();
        return new RetentionPlan([.. newestFirst.Take(count)], [.. newestFirst.Skip(count)]);
    }
}
