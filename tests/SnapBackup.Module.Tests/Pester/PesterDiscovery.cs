using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>What the functions of <c>PesterRunner.ps1</c> build while they read a file.</summary>
public sealed class PesterDiscovery
{
    private PesterBlock _current;

    public PesterDiscovery() => Root = _current = new PesterBlock("", parent: null, PesterCase.None, skip: false, []);

    public PesterBlock Root { get; }

    /// <summary>The block whose body is being read.</summary>
    public PesterBlock Current => _current;

    /// <summary>Why the file could not be read, or <see langword="null"/>.</summary>
    public string? Failure { get; private set; }

    public void Fail(ErrorRecord error) => Failure = PesterError.Describe(error);

    public void Enter(string name, PesterCase data, bool skip, string[]? tags)
    {
        var block = new PesterBlock(Expand(name, data), _current, data, skip, tags ?? []);
        _current.Children.Add(block);
        _current = block;
    }

    public void Leave() => _current = _current.Parent ?? throw new InvalidOperationException("The file itself cannot be left.");

    public void AddTest(string name, PesterCase data, ScriptBlock body, bool skip, string[]? tags) =>
        _current.Children.Add(new PesterTest(Expand(name, data), _current, data, body, skip, tags ?? []));

    private string Expand(string name, PesterCase data) =>
        PesterCase.Expand(name, [data, .. _current.Path.Reverse().Select(block => block.Data)]);
}
