using System.Reflection;

namespace SnapBackup.Control.Tests;

/// <summary>The example is the first thing a newcomer runs: it must do what README shows.</summary>
public sealed class NightlyBackupExampleTests
{
    private static readonly string Program = typeof(NightlyBackupExampleTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "NightlyBackup").Value!;

    [Fact]
    public async Task Without_a_source_it_backs_up_a_busy_disk_of_its_own()
    {
        var result = (await RunAsync()).Succeeded();
        Assert.All(
            new[] { "prepare", "flush", "start", "archive", "end", "teardown", "restore", "compare" },
            step => Assert.Contains($"  {step} ", result.Output, StringComparison.Ordinal));
        Assert.StartsWith("OK ", LastLine(result.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_of_the_users_is_backed_up_into_the_users_store()
    {
        using var folder = new TempFolder();
        var disk = new byte[3_000_000];
        new Random(1).NextBytes(disk);
        await File.WriteAllBytesAsync(folder["disk.img"], disk);
        Directory.CreateDirectory(folder["store"]);
        var result = (await RunAsync("--source", folder["disk.img"], "--store", folder["store"])).Succeeded();
        Assert.Equal(disk, await File.ReadAllBytesAsync(folder["disk.img"]));
        Assert.EndsWith(Assert.Single(Directory.GetFiles(folder["store"])), LastLine(result.Output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FAILED", "--source", "/nonexistent")]
    [InlineData("FAILED", "--source", "/dev/null")]
    [InlineData("FAILED", "--source", "/dev/null", "--store", "/nonexistent")]
    [InlineData("--source needs a value", "--source")]
    [InlineData("'--frequency' is no option", "--frequency", "often")]
    public async Task What_cannot_be_done_is_said_and_ends_with_1(string said, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(said, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task Stopped_in_the_middle_it_leaves_nothing_behind(string signal)
    {
        using var folder = new TempFolder();
        using var program = ExternalTool.Require("env").Start($"TMPDIR={folder.Path}", "dotnet", "exec", Program);
        try
        {
            while (await program.StandardOutput.ReadLineAsync() is { } line && !line.Contains("make disk", StringComparison.Ordinal))
            {
                // until the disk is made and the job is about to be registered
            }

            (await ExternalTool.Require("kill").RunAsync(signal, $"{program.Id}")).Succeeded();
            await program.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(1, program.ExitCode);
            Assert.Contains("stopped", await program.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
            Assert.Empty(Directory.GetDirectories(folder.Path, "snapbackup-*"));
        }
        finally
        {
            if (!program.HasExited)
                program.Kill();
        }
    }

    private static Task<ToolResult> RunAsync(params string[] arguments) =>
        ExternalTool.Require("dotnet").RunAsync(["exec", Program, .. arguments]);

    private static string LastLine(string output) => output.TrimEnd().Split('\n')[^1];
}
