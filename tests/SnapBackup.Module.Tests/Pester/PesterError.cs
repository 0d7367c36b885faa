using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>An error as text: what was thrown, its id, and the script lines it came through.</summary>
public static class PesterError
{
    public static string Describe(ErrorRecord error) => string.Join(
        '\n', [error.ToString(), $"id: {error.FullyQualifiedErrorId}", error.InvocationInfo?.PositionMessage, .. OwnLines(error)]);

    // The runner's own lines have no file.
    private static IEnumerable<string> OwnLines(ErrorRecord error) =>
        (error.ScriptStackTrace ?? "").Split('\n').Where(line => !line.Contains("<No file>", StringComparison.Ordinal));
}
