namespace SnapBackup.Archive;

/// <summary>What an archive holds of the image.</summary>
public enum ArchiveKind
{
    /// <summary>All of it.</summary>
    Full,
}
