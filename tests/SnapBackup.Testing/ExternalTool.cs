using System.Diagnostics;
using Xunit;

namespace SnapBackup.Testing;

/// <summary>
/// A program of the system that a test needs. A missing one skips the test, or fails it when
/// <c>SNAPBACKUP_REQUIRE_TOOLS=1</c> says that it ought to be there.
/// </summary>
public sealed class ExternalTool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly string _path;

    private ExternalTool(string path) => _path = path;

    public static ExternalTool Require(string name)
    {
        var path = Find(name);
        if (path is not null)
            return new ExternalTool(path);
        if (Environment.GetEnvironmentVariable("SNAPBACKUP_REQUIRE_TOOLS") == "1")
            Assert.Fail($"{name} is not installed, and SNAPBACKUP_REQUIRE_TOOLS=1 asks for it.");
        Assert.Skip($"{name} is not installed.");
        throw new UnreachableException();
    }

    /// <summary>Skips (or fails, as above) a test that must run as root.</summary>
    public static void RequireRoot()
    {
        if (Environment.IsPrivilegedProcess)
            return;
        if (Environment.GetEnvironmentVariable("SNAPBACKUP_REQUIRE_TOOLS") == "1")
            Assert.Fail("This test needs root, and SNAPBACKUP_REQUIRE_TOOLS=1 asks for it.");
        Assert.Skip("This test needs root.");
    }

    /// <summary>Runs the program to its end; it is killed when the test is cancelled or takes minutes.</summary>
    public async Task<ToolResult> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult($"{_path} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Starts the program; the caller disposes (and, if need be, kills) it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(_path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start) ?? throw new InvalidOperationException($"{_path} did not start.");
    }

    private static string? Find(string name) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
        .Split(':')
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
