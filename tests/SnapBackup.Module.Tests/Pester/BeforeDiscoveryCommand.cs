using System.Management.Automation;

namespace SnapBackup.Module.Tests.Pester;

/// <summary><c>BeforeDiscovery</c>: runs a script block in the scope of its caller, which only a cmdlet can.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "BeforeDiscovery")]
public sealed class BeforeDiscoveryCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    protected override void ProcessRecord() => InvokeCommand.InvokeScript(useLocalScope: false, ScriptBlock, input: null);
}
