namespace SnapBackup.Engine;

/// <summary>What devices and snapshots may be called: names that are safe in a path, a URI and an export <c>device@snapshot</c>.</summary>
internal static class DeviceName
{
    private const int LongestName = 63;

    public static void ThrowIfInvalid(string name, string kind)
    {
        if (name.Length is 0 or > LongestName || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(IsAllowed))
        {
            throw new EngineException(
                EngineError.InvalidName,
                $"'{name}' cannot name a {kind}: use 1 to {LongestName} letters, digits, dots, dashes and underscores, starting with a letter or digit.");
        }
    }

    private static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
}
