namespace SnapBackup.Archive.Stores;

/// <summary>
/// An archive that is being written, or was when its writer died; which of the two only its lock tells, and
/// <see cref="FolderStore.RemoveAbandoned"/> goes by that.
/// </summary>
/// <param name="Name">The name of its file in the store.</param>
/// <param name="StoredSize">Bytes written so far.</param>
public sealed record PartialArchive(string Name, long StoredSize);
