namespace SnapBackup.Testing;

/// <summary>What a program left behind.</summary>
public sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>The same result, when the program succeeded; else the test fails with what it printed.</summary>
    public ToolResult Succeeded()
    {
        if (ExitCode != 0)
            throw new InvalidOperationException($"{Command} ended with {ExitCode}.\n{Output}\n{Error}");
        return this;
    }
}
