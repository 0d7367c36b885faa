namespace SnapBackup.Engine;

/// <summary>What would be lost if the content of a log were discarded.</summary>
/// <param name="Log">The log's path.</param>
/// <param name="Points">The names of the snapshots and bookmarks that it keeps, alone or with other logs; none when it cannot be told which.</param>
/// <param name="ForeignBytes">The size in bytes of something that is no log of ours; 0 of a log.</param>
public sealed record LostContent(string Log, IReadOnlyList<string> Points, long ForeignBytes = 0);
