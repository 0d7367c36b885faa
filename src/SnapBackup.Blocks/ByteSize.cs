using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SnapBackup.Blocks;

/// <summary>A number of bytes as people write it: <c>512</c>, <c>64KiB</c>, <c>20 GiB</c>, <c>1.5TiB</c>.</summary>
/// <param name="Bytes">The number of bytes, 0 or more.</param>
/// <remarks>
/// Units are powers of 1024 (IEC 80000-13); the short forms K, M, G, T, P mean the same, as in qemu-img and lvcreate.
/// KB, MB… are refused, because tools disagree on what they mean.
/// </remarks>
public readonly record struct ByteSize(long Bytes)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Reads a size.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size, when the text is one.</param>
    /// <returns>Whether the text is a size that fits 63 bits.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ByteSize size)
    {
        size = default;
        if (text is null)
            return false;
        var trimmed = text.AsSpan().Trim();
        var digits = trimmed.IndexOfAnyExcept(NumberCharacters);
        var number = digits < 0 ? trimmed : trimmed[..digits];
        var unit = digits < 0 ? default : trimmed[digits..].TrimStart();
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value > long.MaxValue
            || PowerOf(unit) is not { } power)
        {
            return false;
        }

        var bytes = value * (1L << (10 * power));
        if (bytes > long.MaxValue || bytes != decimal.Truncate(bytes))
            return false;
        size = new ByteSize((long)bytes);
        return true;
    }

    /// <summary>The size with the largest unit that leaves a number of at least one, such as <c>1.5 GiB</c>.</summary>
    public override string ToString()
    {
        var power = 0;
        var value = (double)Bytes;
        while (value >= 1024 && power < Units.Length - 1)
        {
            value /= 1024;
            power++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Units[power]}");
    }

    private static int? PowerOf(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty)
            return 0;
        for (var power = 0; power < Units.Length; power++)
        {
            if (unit.Equals(Units[power], StringComparison.OrdinalIgnoreCase)
                || (power > 0 && unit.Length == 1 && char.ToUpperInvariant(unit[0]) == Units[power][0]))
            {
                return power;
            }
        }

        return null;
    }
}
