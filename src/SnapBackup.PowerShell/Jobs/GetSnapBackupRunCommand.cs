using System.Management.Automation;
using SnapBackup.Control.Jobs;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.PowerShell;

/// <summary>Gets the recorded runs of backup jobs, the newest first.</summary>
/// <remarks>
/// <para>Each shows why it began, how it ended, its steps with their times, its archive with the sizes, and what went wrong if
/// something did. Runs of the service and of any session that uses the same state folder are there.</para>
/// </remarks>
/// <example>
/// <code>
/// Get-SnapBackupRun -Outcome Failed -Last 5
/// </code>
/// <para>The five newest runs that failed.</para>
/// </example>
/// <example>
/// <code>
/// (Get-SnapBackupRun -Job db -Last 1).Steps
/// </code>
/// <para>How long each step of the last run of the job db took.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SnapBackupRun", DefaultParameterSetName = Matching)]
[OutputType(typeof(SnapBackupRunInfo))]
public sealed class GetSnapBackupRunCommand : SnapBackupCommand
{
    private const string Matching = "Matching";
    private const string Numbered = "Numbered";

    /// <summary>The name of the job, also of one that is not registered any more. Without it, all jobs.</summary>
    /// <value>All jobs</value>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = Matching)]
    [ArgumentCompleter(typeof(JobNameCompleter))]
    public string? Job { get; set; }

    /// <summary>How the run ended. Without it, any, those under way among them.</summary>
    /// <value>Any</value>
    [Parameter(ParameterSetName = Matching)]
    public RunOutcome? Outcome { get; set; }

    /// <summary>How many of the newest runs; 100 without it.</summary>
    /// <value>100</value>
    [Parameter(ParameterSetName = Matching)]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }

    /// <summary>The number of one run.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Numbered)]
    public long Id { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => ParameterSetName is Numbered ? Id : Job;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName is Numbered)
            WriteObject(Control.Jobs.GetRun(Id));
        else
            WriteObject(Control.Jobs.ListRuns(Query()), enumerateCollection: true);
        return Task.CompletedTask;
    }

    private RunQuery Query()
    {
        var query = new RunQuery { Job = Job, Outcome = Outcome };
        return Last is { } count ? query with { Limit = count } : query;
    }
}
