using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>One <c>It</c>, for one of its cases.</summary>
public sealed class PesterTest(string name, PesterBlock block, PesterCase data, ScriptBlock body, bool skip, string[] tags)
{
    /// <summary>The names of its blocks and its own.</summary>
    public string FullName => string.Join(" > ", block.Path.Skip(1).Select(outer => outer.Name).Append(name));

    public PesterCase Data => data;

    public ScriptBlock Body => body;

    public bool Skip => skip || block.Skip;

    public IEnumerable<string> Tags => block.Path.SelectMany(outer => outer.Tags).Concat(tags).Distinct();

    public PesterOutcome Outcome { get; private set; } = skip || block.Skip ? PesterOutcome.Skipped : PesterOutcome.NotRun;

    /// <summary>Why it failed, with its place in the script, or why it was skipped.</summary>
    public string Reason { get; private set; } = skip || block.Skip ? "-Skip" : "The run ended before it came to this test.";

    /// <summary>The setups before it, outermost first.</summary>
    public IEnumerable<ScriptBlock> BeforeEach => block.Path.SelectMany(outer => outer.BeforeEach);

    /// <summary>The teardowns after it, innermost first.</summary>
    public IEnumerable<ScriptBlock> AfterEach => block.Path.Reverse().SelectMany(outer => outer.AfterEach);

    public void Pass() => Outcome = PesterOutcome.Passed;

    /// <summary>Takes what the test, or a setup or teardown around it, threw; the first failure is the one that is told.</summary>
    public void Complete(ErrorRecord error)
    {
        if (error.Exception is PesterSkipException skipped)
            (Outcome, Reason) = (PesterOutcome.Skipped, skipped.Message);
        else if (Outcome != PesterOutcome.Failed)
            (Outcome, Reason) = (PesterOutcome.Failed, PesterError.Describe(error));
    }
}
