namespace SnapBackup.Module.Tests.Pester;

public enum PesterOutcome
{
    /// <summary>The run ended before it came to the test.</summary>
    NotRun,
    Passed,
    Failed,
    Skipped,
}
