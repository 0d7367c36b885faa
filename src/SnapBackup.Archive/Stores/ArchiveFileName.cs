using System.Globalization;

namespace SnapBackup.Archive.Stores;

/// <summary>How the files of a store are named: <c>vm1-20250131T020000Z-1f2e3d4c.img.zst</c>, so that they sort by device and time.</summary>
internal static class ArchiveFileName
{
    public const string Suffix = ".img.zst";
    public const string PartialSuffix = Suffix + PartialMark;

    /// <summary>What follows the name of an archive that is not finished.</summary>
    public const string PartialMark = ".partial";

    public static string For(ArchiveManifest manifest)
    {
        var time = manifest.SnapshotTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

        // The end of a version 7 UUID is its random part.
        return $"{manifest.DeviceName}-{time}-{manifest.ArchiveId.ToString("N")[^8..]}{Suffix}";
    }

    /// <summary>Whether a name from outside names a file of the store itself and not one elsewhere.</summary>
    public static bool IsPlain(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) && string.Equals(Path.GetFileName(name), name, StringComparison.Ordinal);
}
