namespace SnapBackup.Archive;

/// <summary>What bounds an archive. A value read from a file is held against these before anything is allocated for it.</summary>
public static class ArchiveLimits
{
    /// <summary>The smallest frame: 64 KiB of the image.</summary>
    public const int MinFrameSize = 64 * 1024;

    /// <summary>The largest frame: 16 MiB of the image.</summary>
    public const int MaxFrameSize = 16 * 1024 * 1024;

    /// <summary>
    /// The most frames of one archive. With the largest frames that is an image of 64 TiB; it bounds the memory that
    /// the tables of an open archive take to about 100 MiB.
    /// </summary>
    public const int MaxFrames = 1 << 22;

    /// <summary>The longest manifest, in bytes of JSON.</summary>
    public const int MaxManifestLength = 64 * 1024;

    /// <summary>The longest device or snapshot name, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The most frames that may be compressed at once.</summary>
    public const int MaxWorkers = 256;
}
