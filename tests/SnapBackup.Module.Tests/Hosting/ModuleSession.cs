using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Shell = System.Management.Automation.PowerShell;

namespace SnapBackup.Module.Tests.Hosting;

/// <summary>A PowerShell session with the module imported, where every error ends a script and whose screen is recorded.</summary>
public sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace;

    /// <summary>Opens a session.</summary>
    /// <param name="cmdlets">Cmdlets of the tests to add to those of the module.</param>
    public ModuleSession(params Type[] cmdlets)
    {
        var state = CreateInitialState();
        state.ImportPSModule(Repository.PathOf("SnapBackup.psd1"));
        state.Variables.Add(new SessionStateVariableEntry("ErrorActionPreference", ActionPreference.Stop, ""));
        foreach (var type in cmdlets)
        {
            var attribute = (CmdletAttribute)Attribute.GetCustomAttribute(type, typeof(CmdletAttribute))!;
            state.Commands.Add(new SessionStateCmdletEntry($"{attribute.VerbName}-{attribute.NounName}", type, helpFileName: null));
        }

        _runspace = RunspaceFactory.CreateRunspace(Host, state);
        _runspace.Open();
    }

    /// <summary>What the session showed.</summary>
    public RecordingHost Host { get; } = new();

    /// <summary>The core of PowerShell, without modules: there is nothing to find besides what a session imports.</summary>
    public static InitialSessionState CreateInitialState()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ThreadOptions = PSThreadOptions.UseCurrentThread;
        return state;
    }

    /// <summary>A pipeline in this session, for the caller to run and dispose.</summary>
    public Shell Script(string script) =>
        Shell.Create(_runspace).AddScript(script);

    /// <summary>Runs a script to its end; what it throws is thrown.</summary>
    public IReadOnlyList<object?> Invoke(string script)
    {
        using var shell = Script(script);
        return [.. shell.Invoke().Select(output => output?.BaseObject)];
    }

    /// <summary>What a script's objects look like on the screen, without colours.</summary>
    public string Render(string script)
    {
        Host.Screen.Clear();
        using var shell = Script(script).AddCommand("Out-Default");
        shell.Invoke();
        return Host.Screen.ToString();
    }

    public void Dispose() => _runspace.Dispose();
}
