using SnapBackup.Archive;

namespace SnapBackup.Control.Archives;

/// <summary>An archive in a store.</summary>
public sealed record SnapArchiveInfo
{
    /// <summary>The name of its file.</summary>
    public required string Name { get; init; }

    /// <summary>Where the file is.</summary>
    public required string Path { get; init; }

    /// <summary>The device or job that it was made of.</summary>
    public required string Device { get; init; }

    /// <summary>The snapshot that it was made of; null when it was made of a device itself.</summary>
    public string? Snapshot { get; init; }

    /// <summary>When the image was frozen, in UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether it holds a whole image.</summary>
    public required ArchiveKind Kind { get; init; }

    /// <summary>The size of the image in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The size of the archive in bytes.</summary>
    public required long StoredSize { get; init; }

    /// <summary>Names the archive for ever, wherever it is copied.</summary>
    public required Guid Id { get; init; }

    internal static SnapArchiveInfo Of(string path, long storedSize, ArchiveManifest manifest) => new()
    {
        Name = System.IO.Path.GetFileName(path),
        Path = path,
        Device = manifest.DeviceName,
        Snapshot = manifest.SnapshotName,
        Time = manifest.SnapshotTime,
        Kind = manifest.Kind,
        Size = manifest.ImageSize,
        StoredSize = storedSize,
        Id = manifest.ArchiveId,
    };
}
