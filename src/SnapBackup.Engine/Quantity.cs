namespace SnapBackup.Engine;

/// <summary>How many there are of something, in words for messages.</summary>
internal static class Quantity
{
    /// <summary>Such as "1 log" and "3 logs".</summary>
    /// <param name="count">How many.</param>
    /// <param name="thing">What one is called; its plural is formed with an s.</param>
    public static string Of(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";
}
