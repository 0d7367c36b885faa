using System.Globalization;
using System.Text;

namespace SnapBackup.Nbd.Tests;

/// <summary>Golden bytes, written with a space between fields.</summary>
internal static class Hex
{
    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static string Of(ReadOnlySpan<byte> bytes, params int[] fields)
    {
        Assert.Equal(fields.Sum(), bytes.Length);
        var text = new StringBuilder();
        foreach (var field in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Convert.ToHexString(bytes[..field])} ");
            bytes = bytes[field..];
        }

        return text.ToString().TrimEnd();
    }
}
