namespace SnapBackup.Archive;

/// <summary>
/// What an archive says about itself, after it was checked: every value is in its range. Only a reader that did the
/// checks, or the creation of an archive, makes one.
/// </summary>
public sealed record ArchiveManifest
{
    internal ArchiveManifest()
    {
    }

    /// <summary>The version of the format: 1.</summary>
    public int FormatVersion { get; internal init; } = CurrentFormatVersion;

    /// <summary>Names this archive among all; the time of its creation is part of it (UUID version 7).</summary>
    public Guid ArchiveId { get; internal init; }

    /// <summary>What it holds of the image.</summary>
    public ArchiveKind Kind { get; internal init; }

    /// <summary>The archive this one builds on; none for a full one.</summary>
    public Guid? ParentId { get; internal init; }

    /// <summary>The device it was made from, as the operator calls it.</summary>
    public string DeviceName { get; internal init; } = "";

    /// <summary>The snapshot it was made from, when it had a name.</summary>
    public string? SnapshotName { get; internal init; }

    /// <summary>The archives it is one of, as in <see cref="ArchiveOptions.SeriesId"/>; null for one that stands alone.</summary>
    public Guid? SeriesId { get; internal init; }

    /// <summary>When the image was frozen, in UTC.</summary>
    public DateTimeOffset SnapshotTime { get; internal init; }

    /// <summary>The size of the image in bytes, at least one.</summary>
    public long ImageSize => Layout.ImageSize;

    /// <summary>The sector size of the device, in bytes; a partition table is only right on a device of the same.</summary>
    public int SectorSize { get; internal init; }

    /// <summary>How many bytes of the image each frame holds; a power of two.</summary>
    public int FrameSize => Layout.FrameSize;

    /// <summary>
    /// The identity of the image: XXH128, in 32 hexadecimal digits, of the digests of its frames. Archives of equal
    /// images have equal ones, when their frames are of one size.
    /// </summary>
    public string ContentDigest => FrameDigest.ToText(ContentDigestValue);

    internal const int CurrentFormatVersion = 1;

    internal FrameLayout Layout { get; init; }

    internal UInt128 ContentDigestValue { get; init; }

    /// <summary>XXH128 of the seek-table entries of the frames that hold the image.</summary>
    internal UInt128 SeekTableDigest { get; init; }
}
