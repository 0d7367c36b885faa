using System.Management.Automation;
using SnapBackup.Control.Jobs;

namespace SnapBackup.PowerShell;

/// <summary>Gets the registered backup jobs.</summary>
/// <remarks>
/// <para>A job whose document cannot be used is there too: its property Problem says why.</para>
/// </remarks>
/// <example>
/// <code>
/// Get-SnapBackupJob
/// </code>
/// <para>All jobs, with the time of their next run.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapBackupJob | Where-Object Problem
/// </code>
/// <para>Those that will not run before somebody mends their document.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SnapBackupJob")]
[OutputType(typeof(SnapBackupJobInfo))]
public sealed class GetSnapBackupJobCommand : SnapBackupCommand
{
    /// <summary>The names of the jobs; wildcards are permitted. Without it, all.</summary>
    /// <value>*</value>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(JobNameCompleter))]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        WriteNamed(Name, Control.Jobs.List(), job => job.Name, Control.Jobs.Get);
        return Task.CompletedTask;
    }
}
