using System.Diagnostics;

namespace NightlyBackup;

/// <summary>Runs a program of the system, if it is there.</summary>
internal static class ExternalProgram
{
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <returns>Its exit code and what it printed; null when it is not installed.</returns>
    public static async Task<(int ExitCode, string Output)?> TryRunAsync(string name, params string[] arguments)
    {
        var path = Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is null)
            return null;
        var start = new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
