using System.Text.RegularExpressions;

namespace SnapBackup.Archive;

/// <summary>What the caller of a creation knows about the image, and how it is to be stored.</summary>
public sealed partial record ArchiveOptions
{
    /// <summary>The frame size when none is given and the image needs no larger one: 1 MiB.</summary>
    public const int DefaultFrameSize = 1024 * 1024;

    /// <summary>The compression level when none is given, as of the zstd program.</summary>
    public const int DefaultCompressionLevel = 3;

    private const int MaxCompressionLevel = 19;

    /// <summary>
    /// The device, as the operator calls it: 1 to <see cref="ArchiveLimits.MaxNameLength"/> letters, digits, dots, dashes
    /// and underscores, the first a letter or digit; it becomes part of the file's name.
    /// </summary>
    public required string DeviceName { get; init; }

    /// <summary>The snapshot, when it has a name: up to <see cref="ArchiveLimits.MaxNameLength"/> printable characters.</summary>
    public string? SnapshotName { get; init; }

    /// <summary>
    /// What tells the archives of one disk, made again and again by one job, from others of the same device name in the same
    /// store. Retention goes by it alone: an archive without one is never removed by it.
    /// </summary>
    public Guid? SeriesId { get; init; }

    /// <summary>When the image was frozen; the time of the call when left out.</summary>
    public DateTimeOffset? SnapshotTime { get; init; }

    /// <summary>
    /// How many bytes of the image each frame holds, a power of two from <see cref="ArchiveLimits.MinFrameSize"/> to
    /// <see cref="ArchiveLimits.MaxFrameSize"/>: what must be decompressed to read one byte. When left out:
    /// <see cref="DefaultFrameSize"/>, or more when the image is too large for <see cref="ArchiveLimits.MaxFrames"/> of them.
    /// </summary>
    public int? FrameSize { get; init; }

    /// <summary>The zstd compression level, 1 to 19.</summary>
    public int CompressionLevel { get; init; } = DefaultCompressionLevel;

    /// <summary>How many frames are compressed at once, 1 to <see cref="ArchiveLimits.MaxWorkers"/>; the number of processors when left out.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether a name may be given to a device; a reader holds a manifest's name against the same rule.</summary>
    internal static bool IsDeviceName(string? name) =>
        name is { Length: <= ArchiveLimits.MaxNameLength } && DeviceNamePattern().IsMatch(name);

    internal static bool IsSnapshotName(string? name) =>
        name is null || (name.Length is > 0 and <= ArchiveLimits.MaxNameLength && !name.Any(char.IsControl));

    /// <summary>Refuses what is out of range. Nothing after it checks again.</summary>
    internal void Validate()
    {
        if (!IsDeviceName(DeviceName))
            throw Invalid("device name", $"'{DeviceName}'", $"1 to {ArchiveLimits.MaxNameLength} letters, digits, '.', '-' or '_', beginning with a letter or digit");
        if (!IsSnapshotName(SnapshotName))
            throw Invalid("snapshot name", $"'{SnapshotName}'", $"1 to {ArchiveLimits.MaxNameLength} characters without control characters");
        if (FrameSize is { } size && !FrameLayout.IsFrameSize(size))
            throw Invalid("frame size", $"{size}", $"a power of two from {ArchiveLimits.MinFrameSize} to {ArchiveLimits.MaxFrameSize}");
        if (CompressionLevel is < 1 or > MaxCompressionLevel)
            throw Invalid("compression level", $"{CompressionLevel}", $"a number from 1 to {MaxCompressionLevel}");
        if (Workers is < 1 or > ArchiveLimits.MaxWorkers)
            throw Invalid("number of workers", $"{Workers}", $"a number from 1 to {ArchiveLimits.MaxWorkers}");
    }

    private static ArchiveException Invalid(string what, string value, string allowed) =>
        new(ArchiveError.InvalidOption, $"The {what} {value} is not allowed: give {allowed}.");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DeviceNamePattern();
}
