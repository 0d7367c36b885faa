using System.Management.Automation;
using System.Management.Automation.Runspaces;
using SnapBackup.Module.Tests.Hosting;
using Shell = System.Management.Automation.PowerShell;

namespace SnapBackup.Module.Tests.Pester;

/// <summary>A suite in a runspace of its own: read once, then run once.</summary>
public sealed class PesterFile : IDisposable
{
    private readonly Runspace _runspace;
    private readonly PesterDiscovery _discovery = new();

    private PesterFile(string path)
    {
        Name = System.IO.Path.GetFileName(path).Replace(".Tests.ps1", "", StringComparison.Ordinal);
        var state = ModuleSession.CreateInitialState();
        state.Commands.Add(new SessionStateCmdletEntry("Assert-Should", typeof(ShouldCommand), helpFileName: null));
        state.Commands.Add(new SessionStateAliasEntry("Should", "Assert-Should"));
        state.Commands.Add(new SessionStateCmdletEntry("Invoke-BeforeDiscovery", typeof(BeforeDiscoveryCommand), helpFileName: null));
        state.Commands.Add(new SessionStateAliasEntry("BeforeDiscovery", "Invoke-BeforeDiscovery"));
        state.Commands.Add(new SessionStateAliasEntry("Context", "Describe"));
        state.Variables.Add(new SessionStateVariableEntry("__discovery", _discovery, "", ScopedItemOptions.Constant));
        _runspace = RunspaceFactory.CreateRunspace(new RecordingHost(), state);
        _runspace.Open();
    }

    /// <summary>The file's name without <c>.Tests.ps1</c>.</summary>
    public string Name { get; }

    /// <summary>Why the file could not be read, or <see langword="null"/>; it has no tests to run then.</summary>
    public string? DiscoveryError => _discovery.Failure;

    public IReadOnlyList<PesterTest> Tests => DiscoveryError is null ? [.. _discovery.Root.Tests] : [];

    /// <summary>Reads a file: its tests are known then, and none has run.</summary>
    public static PesterFile Discover(string path)
    {
        var file = new PesterFile(path);
        using var script = new StreamReader(typeof(PesterFile).Assembly.GetManifestResourceStream("PesterRunner.ps1")!);
        file.Invoke(shell => shell.AddScript(script.ReadToEnd(), useLocalScope: false), CancellationToken.None);
        file.Invoke(shell => shell.AddCommand("__Discover").AddArgument(path), CancellationToken.None);
        return file;
    }

    /// <summary>Runs its tests; each then knows its outcome.</summary>
    /// <param name="cancellationToken">Stops the running test and leaves the others not run.</param>
    public void Run(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var folder = new TempFolder();
        var session = _runspace.SessionStateProxy;
        session.SetVariable("TestDrive", folder.Path);
        session.SetVariable("__drive", new PesterDrive(folder.Path));
        session.Drive.New(new PSDriveInfo("TestDrive", session.Provider.GetOne("FileSystem"), folder.Path, "", credential: null), "global");
        Invoke(shell => shell.AddCommand("__RunBlock").AddArgument(_discovery.Root), cancellationToken);
    }

    public void Dispose() => _runspace.Dispose();

    private void Invoke(Func<Shell, Shell> script, CancellationToken cancellationToken)
    {
        using var shell = Shell.Create(_runspace);
        using var stop = cancellationToken.Register(() => shell.BeginStop(callback: null, state: null));
        script(shell).Invoke();
    }
}
