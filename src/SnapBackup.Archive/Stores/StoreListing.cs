namespace SnapBackup.Archive.Stores;

/// <summary>What a store holds.</summary>
/// <param name="Archives">The complete archives, by device, then time, the oldest first.</param>
/// <param name="Unreadable">Files that are named as archives and are none, or damaged ones.</param>
public sealed record StoreListing(IReadOnlyList<ArchiveInfo> Archives, IReadOnlyList<UnreadableArchive> Unreadable);
