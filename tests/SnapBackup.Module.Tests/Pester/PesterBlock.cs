using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>A <c>Describe</c> or <c>Context</c> for one of its cases, or the file itself (without a parent).</summary>
public sealed class PesterBlock(string name, PesterBlock? parent, PesterCase data, bool skip, string[] tags)
{
    public string Name => name;

    public PesterCase Data => data;

    public bool Skip => skip || parent is { Skip: true };

    public IReadOnlyList<string> Tags => tags;

    public IList<ScriptBlock> BeforeAll { get; } = [];

    public IList<ScriptBlock> AfterAll { get; } = [];

    public IList<ScriptBlock> BeforeEach { get; } = [];

    public IList<ScriptBlock> AfterEach { get; } = [];

    /// <summary>Blocks and tests, in the order of the file.</summary>
    public IList<object> Children { get; } = [];

    /// <summary>From the file down to this block.</summary>
    public IEnumerable<PesterBlock> Path => parent is null ? [this] : [.. parent.Path, this];

    public PesterBlock? Parent => parent;

    /// <summary>All tests in it and below it.</summary>
    public IEnumerable<PesterTest> Tests =>
        Children.SelectMany(child => child is PesterBlock block ? block.Tests : [(PesterTest)child]);

    /// <summary>Whether any test in it is to run; when none is, its setup does not run either.</summary>
    public bool ShouldRun => Tests.Any(test => !test.Skip);

    /// <summary>Fails all its tests, because its setup failed.</summary>
    public void FailSetup(ErrorRecord error)
    {
        foreach (var test in Tests.Where(test => !test.Skip))
            test.Complete(error);
    }

    /// <summary>Fails the last of its tests, because what was to clean up after all of them failed.</summary>
    public void FailTeardown(ErrorRecord error) => Tests.Last(test => !test.Skip).Complete(error);
}
