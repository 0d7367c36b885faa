namespace SnapBackup.Archive.Stores;

/// <summary>A file of a store that is named as an archive and cannot be read as one.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="Problem">Why.</param>
public sealed record UnreadableArchive(string Name, string Problem);
