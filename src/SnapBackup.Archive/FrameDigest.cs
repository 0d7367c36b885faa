using System.Globalization;
using System.IO.Hashing;

namespace SnapBackup.Archive;

/// <summary>
/// XXH128, seed 0: what guards frames, tables and manifest. It finds every accident (128 bits), not a forger; FORMAT.md
/// says why that is the right one here.
/// </summary>
internal static class FrameDigest
{
    /// <summary>The bytes it takes in a file: the canonical, big-endian form of the xxHash specification.</summary>
    public const int Size = 16;

    /// <summary>Its name in a manifest.</summary>
    public const string Algorithm = "xxh128";

    public static UInt128 Of(ReadOnlySpan<byte> data) => XxHash128.HashToUInt128(data);

    public static string ToText(UInt128 digest) => digest.ToString("x32", CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out UInt128 digest)
    {
        digest = default;
        return text?.Length == 2 * Size
            && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out digest);
    }
}
