namespace SnapBackup.Engine;

/// <summary>
/// What remains of a snapshot that was ended while its changes are to be kept: its point in time, from which on changes are known. It
/// holds no data.
/// </summary>
/// <param name="Name">The name the snapshot had.</param>
/// <param name="Id">The identity the snapshot had.</param>
/// <param name="StartedAt">When the snapshot started, in UTC.</param>
/// <param name="ChangesLost">
/// Whether changes since it are no longer known, because no log had room to record them or the source was written while it was not attached.
/// An archive since it must be a full.
/// </param>
public sealed record Bookmark(string Name, Guid Id, DateTimeOffset StartedAt, bool ChangesLost);
