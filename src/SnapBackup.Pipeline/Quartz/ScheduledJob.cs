namespace SnapBackup.Pipeline.Quartz;

/// <summary>A job in the schedule.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Next">When it runs next; in the past when that was missed and is about to be dealt with.</param>
/// <param name="Previous">When it was last due and begun; null when never since it was scheduled.</param>
public sealed record ScheduledJob(string Name, DateTimeOffset? Next, DateTimeOffset? Previous);
