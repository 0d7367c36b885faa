using SnapBackup.Archive.Stores;

namespace SnapBackup.Control.Archives;

/// <summary>What a store holds.</summary>
/// <param name="Archives">The archives, by time.</param>
/// <param name="Unreadable">Files that are named like archives and are none, or no whole ones.</param>
public sealed record ArchiveListing(IReadOnlyList<SnapArchiveInfo> Archives, IReadOnlyList<UnreadableArchive> Unreadable);
