using System.Management.Automation;

namespace SnapBackup.PowerShell;

/// <summary>Removes the registration of a backup job.</summary>
/// <remarks>
/// <para>It does not run any more. Its archives stay, and so does the record of its runs.</para>
/// </remarks>
/// <example>
/// <code>
/// Unregister-SnapBackupJob db
/// </code>
/// <para>Removes the job db.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapBackupJob vm* | Unregister-SnapBackupJob -Confirm
/// </code>
/// <para>Removes jobs after asking for each. The first failure ends the pipeline.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Unregister, "SnapBackupJob", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterSnapBackupJobCommand : SnapBackupCommand
{
    /// <summary>The name of the job.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(JobNameCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ShouldProcess(Name, "Remove the backup job"))
            Control.Jobs.Unregister(Name);
        return Task.CompletedTask;
    }
}
