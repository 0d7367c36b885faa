namespace SnapBackup.Archive;

/// <summary>A complete archive in a store.</summary>
/// <param name="Name">The name of its file in the store.</param>
/// <param name="Path">Where the file is.</param>
/// <param name="StoredSize">The size of the file in bytes.</param>
/// <param name="Manifest">What it says about itself.</param>
public sealed record ArchiveInfo(string Name, string Path, long StoredSize, ArchiveManifest Manifest);
