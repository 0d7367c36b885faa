using System.Management.Automation;
using SnapBackup.PowerShell;

namespace SnapBackup.Module.Tests.Cmdlets;

/// <summary>A cmdlet over the base of all cmdlets that does what a test tells it to.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Probe")]
public sealed class InvokeProbeCommand : SnapBackupCommand
{
    [Parameter]
    public Func<InvokeProbeCommand, CancellationToken, Task>? Work { get; set; }

    [Parameter]
    [ByteSizeTransformation]
    public long? Size { get; set; }

    [Parameter]
    public string? Path { get; set; }

    protected override object? ErrorTarget => "the target";

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Work is not null)
            await Work(this, cancellationToken);
        if (Size is { } bytes)
            WriteObject(bytes);
        if (Path is not null)
            WriteObject(ResolvePath(Path));
    }
}
