using System.Text.Json;

namespace SnapBackup.Archive.Format;

/// <summary>
/// What the JSON of a manifest says; nothing of it is checked. <see cref="Verify"/> makes the manifest one may use.
/// Fields are never renamed; a later version may add some, and readers pass over those they do not know.
/// </summary>
internal sealed record UnverifiedManifest
{
    private const string KindFull = "full";
    private const int MaxSectorSize = 64 * 1024;

    public int FormatVersion { get; init; }

    public Guid ArchiveId { get; init; }

    public string? Kind { get; init; }

    public Guid? ParentId { get; init; }

    public string? DeviceName { get; init; }

    public string? SnapshotName { get; init; }

    public Guid? SeriesId { get; init; }

    public DateTimeOffset SnapshotTime { get; init; }

    public long ImageSize { get; init; }

    public int SectorSize { get; init; }

    public int FrameSize { get; init; }

    public string? DigestAlgorithm { get; init; }

    public string? ContentDigest { get; init; }

    public string? SeekTableDigest { get; init; }

    /// <summary>The JSON of a manifest, as it stands in the file.</summary>
    public static byte[] ToJson(ArchiveManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(
        new UnverifiedManifest
        {
            FormatVersion = manifest.FormatVersion,
            ArchiveId = manifest.ArchiveId,
            Kind = KindFull,
            ParentId = manifest.ParentId,
            DeviceName = manifest.DeviceName,
            SnapshotName = manifest.SnapshotName,
            SeriesId = manifest.SeriesId,
            SnapshotTime = manifest.SnapshotTime,
            ImageSize = manifest.ImageSize,
            SectorSize = manifest.SectorSize,
            FrameSize = manifest.FrameSize,
            DigestAlgorithm = FrameDigest.Algorithm,
            ContentDigest = manifest.ContentDigest,
            SeekTableDigest = FrameDigest.ToText(manifest.SeekTableDigest),
        },
        ManifestJson.Default.UnverifiedManifest);

    /// <summary>Reads the JSON of a manifest whose digest was right.</summary>
    /// <param name="name">The archive, for the message.</param>
    /// <param name="json">The JSON.</param>
    public static UnverifiedManifest Parse(string name, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);

            // The version first: what else a later one holds need not be as it is here.
            if (document.RootElement.GetProperty("formatVersion").GetInt32() is var version and not ArchiveManifest.CurrentFormatVersion)
                throw Unsupported(name, $"format version {version}");
            return document.Deserialize(ManifestJson.Default.UnverifiedManifest)
                ?? throw ArchiveException.Damaged(name, "its manifest is empty");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw ArchiveException.Damaged(name, $"its manifest is not the JSON it should be: {error.Message}", error);
        }
    }

    /// <summary>Checks every field.</summary>
    /// <param name="name">The archive, for the message.</param>
    public ArchiveManifest Verify(string name)
    {
        if (Kind is not KindFull)
            throw Unsupported(name, $"kind '{Kind}'");
        if (DigestAlgorithm is not FrameDigest.Algorithm)
            throw Unsupported(name, $"digest algorithm '{DigestAlgorithm}'");
        if (!FrameLayout.TryCreate(ImageSize, FrameSize, out var layout))
            throw Impossible("size", $"{ImageSize} bytes in frames of {FrameSize}");
        if (!ArchiveOptions.IsDeviceName(DeviceName) || !ArchiveOptions.IsSnapshotName(SnapshotName))
            throw Impossible("device or snapshot name", $"'{DeviceName}', '{SnapshotName}'");
        if (SectorSize is < 512 or > MaxSectorSize || ParentId is not null || ArchiveId == Guid.Empty)
            throw Impossible("sector size, parent or id", $"{SectorSize}, {ParentId}, {ArchiveId}");
        if (!FrameDigest.TryParse(ContentDigest, out var content) || !FrameDigest.TryParse(SeekTableDigest, out var seekTable))
            throw Impossible("digest", $"'{ContentDigest}', '{SeekTableDigest}'");
        return new ArchiveManifest
        {
            ArchiveId = ArchiveId,
            Kind = ArchiveKind.Full,
            DeviceName = DeviceName!,
            SnapshotName = SnapshotName,
            SeriesId = SeriesId,
            SnapshotTime = SnapshotTime.ToUniversalTime(),
            SectorSize = SectorSize,
            Layout = layout,
            ContentDigestValue = content,
            SeekTableDigest = seekTable,
        };

        ArchiveException Impossible(string field, string value) =>
            ArchiveException.Damaged(name, $"its manifest gives an impossible {field}: {value}");
    }

    private static ArchiveException Unsupported(string name, string what) => new(
        ArchiveError.UnsupportedVersion,
        $"{name}: the archive has {what}, which this version does not know. Use the version of SnapBackup that wrote it, or a later one.");
}
