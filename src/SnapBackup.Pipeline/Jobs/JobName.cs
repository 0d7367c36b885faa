using System.Buffers;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>The rule for names of jobs: they name files, archives and devices, so no character may mean anything there; devices allow 63 of them.</summary>
internal static class JobName
{
    public const string Rule =
        "1 to 63 letters (a to z), digits, dots, underscores and hyphens, of which the first is a letter or digit";

    private const int MaximumLength = 63;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool IsValid(string name) =>
        name.Length is >= 1 and <= MaximumLength && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(Allowed);
}
