namespace SnapBackup.Kernel.Linux;

/// <summary>How a program ended, and what it printed.</summary>
internal readonly record struct ToolOutcome(string Name, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>What it said of its failure, as one line without a full stop.</summary>
    public string Complaint
    {
        get
        {
            var said = string.Join("; ", Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).TrimEnd('.');
            return said.Length > 0 ? said : $"{Name} ended with {ExitCode}";
        }
    }
}
