using System.Management.Automation;
using System.Runtime.ExceptionServices;
using SnapBackup.Control.Jobs;
using SnapBackup.Pipeline.Cycle;

namespace SnapBackup.PowerShell;

/// <summary>Runs a backup job now, in this session, and waits for it.</summary>
/// <remarks>
/// <para>The run flushes the source, starts a snapshot, archives it, ends it and takes down what it set up, also when it fails
/// or is cancelled with Ctrl-C. Every run is recorded, whatever came of it: see Get-SnapBackupRun.</para>
/// <para>A run that fails is an error that carries the id of its cause; its target object is the run. The error ends the
/// pipeline: of several jobs in one pipeline, those after the one that failed do not run.</para>
/// </remarks>
/// <example>
/// <code>
/// Invoke-SnapBackup db
/// </code>
/// <para>Runs the job db, whatever its schedule says.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapBackupJob | Invoke-SnapBackup | Test-SnapArchive -Path { $_.Archive }
/// </code>
/// <para>Runs jobs one after the other, and tests what they made. The first that fails ends it.</para>
/// </example>
/// <example>
/// <code>
/// foreach ($job in Get-SnapBackupJob) {
///     try { Invoke-SnapBackup $job.Name } catch { Write-Warning "$($job.Name): $_" }
/// }
/// </code>
/// <para>Runs all jobs, also those after one that fails.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "SnapBackup", SupportsShouldProcess = true)]
[OutputType(typeof(SnapBackupRunInfo))]
public sealed class InvokeSnapBackupCommand : SnapBackupCommand
{
    private SnapBackupRunInfo? _run;

    /// <summary>The name of the job.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(JobNameCompleter))]
    public string Job { get; set; } = "";

    /// <inheritdoc/>
    protected override object? ErrorTarget => (object?)_run ?? Job;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        _run = null;
        if (!ShouldProcess(Job, "Run the backup job"))
            return;
        using var bar = new ProgressBar(this, $"Backup job {Job}");
        var progress = new Progress<RunProgress>(now => bar.Show(now.Step.ToString(), now.BytesDone, now.BytesTotal));
        (_run, var error) = await Control.Jobs.RunAsync(Job, progress, cancellationToken).ConfigureAwait(true);
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        WriteObject(_run);
    }
}
