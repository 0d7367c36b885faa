using System.Management.Automation;
using SnapBackup.Blocks;
using SnapBackup.Control.Jobs;
using SnapBackup.Engine;
using SnapBackup.Pipeline.Jobs;

namespace SnapBackup.PowerShell;

/// <summary>Registers a backup job: what is backed up, where to, and when.</summary>
/// <remarks>
/// <para>The job becomes a JSON document in the folder jobs below the state folder, which the environment variable
/// SNAPBACKUP_STATE names (else /var/lib/snapbackup for root). A running service takes it up at once. Without -Cron the job
/// runs only when Invoke-SnapBackup runs it.</para>
/// <para>A job that says what cannot be done is refused with everything that is wrong with it; source, logs and store are
/// looked for when it runs.</para>
/// </remarks>
/// <example>
/// <code>
/// Register-SnapBackupJob db -Source /dev/vg0/db -Log /var/lib/snapbackup/db.log -LogSize 20GB -Store /backup -Cron '30 2 * * *' -TimeZone Europe/Berlin -Keep 14
/// </code>
/// <para>Every night at half past two, Berlin time; the newest 14 archives are kept.</para>
/// </example>
/// <example>
/// <code>
/// Register-SnapBackupJob vm1 -Source vm1.img -Log vm1.log -LogSize 4GB -Store /backup
/// Invoke-SnapBackup vm1
/// </code>
/// <para>A job without a schedule, and a run of it.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Register, "SnapBackupJob", SupportsShouldProcess = true, DefaultParameterSetName = OnDemand)]
[OutputType(typeof(SnapBackupJobInfo))]
public sealed class RegisterSnapBackupJobCommand : SnapBackupCommand
{
    private const string OnDemand = "OnDemand";
    private const string Scheduled = "Scheduled";

    /// <summary>What to call the job: up to 63 letters, digits, dots, dashes and underscores. Its archives carry the name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    /// <summary>The disk, volume or image file to back up.</summary>
    [Parameter(Mandatory = true)]
    public string Source { get; set; } = "";

    /// <summary>The files or block devices that take preserved blocks during a run, in the order in which they fill.</summary>
    [Parameter(Mandatory = true)]
    public string[] Log { get; set; } = [];

    /// <summary>The size in bytes of each log file that does not exist when a run begins; the run removes what it made.</summary>
    [Parameter]
    [ByteSizeTransformation]
    public long? LogSize { get; set; }

    /// <summary>The folder that keeps the archives.</summary>
    [Parameter(Mandatory = true)]
    public string Store { get; set; } = "";

    /// <summary>When it runs, as a cron expression: minute, hour, day, month and weekday, or six fields with seconds first.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Scheduled)]
    public string? Cron { get; set; }

    /// <summary>The IANA name of the time zone that -Cron speaks of, such as Europe/Berlin; UTC without it.</summary>
    /// <value>UTC</value>
    [Parameter(ParameterSetName = Scheduled)]
    public string TimeZone { get; set; } = JobSchedule.DefaultTimeZone;

    /// <summary>What becomes of runs that were missed: CatchUp, the usual, runs once as soon as possible; Skip waits for the next time.</summary>
    /// <value>CatchUp</value>
    [Parameter(ParameterSetName = Scheduled)]
    public MissedRuns Missed { get; set; } = MissedRuns.CatchUp;

    /// <summary>How many of the job's newest archives are kept; all without it.</summary>
    /// <value>All</value>
    [Parameter]
    public int? Keep { get; set; }

    /// <summary>The unit of preservation in bytes: a power of two from 4 KiB, the usual one, to 1 MiB.</summary>
    /// <value>4KB</value>
    [Parameter]
    [ByteSizeTransformation]
    public long? BlockSize { get; set; }

    /// <summary>The unit in bytes in which changes are known: a power of two from 4 KiB to 64 KiB, the usual one.</summary>
    /// <value>64KB</value>
    [Parameter]
    [ByteSizeTransformation]
    public long? ChangeGranularity { get; set; }

    /// <summary>Whether snapshots survive a power cut: Strict, the usual, or Volatile, which saves the flushes of the logs.</summary>
    /// <value>Strict</value>
    [Parameter]
    public LogDurability? Durability { get; set; }

    /// <summary>Which log takes the next preserved blocks: Sequential, the usual, Striped or MostFree.</summary>
    /// <value>Sequential</value>
    [Parameter]
    public LogAllocation? Allocation { get; set; }

    /// <summary>When the snap device is attached: for each Run, the usual, or Always while the service runs, so that users of the disk attach to its origin.</summary>
    /// <value>Run</value>
    [Parameter]
    public AttachMode Attach { get; set; } = AttachMode.Run;

    /// <summary>Replaces a job of that name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var job = new JobDocument
        {
            Name = Name,
            Source = ResolvePath(Source),
            Logs = [.. Log.Select(path => new JobLog { Path = ResolvePath(path), Size = SizeOf(LogSize) })],
            Store = ResolvePath(Store),
            Schedule = Cron is null ? null : new JobSchedule { Cron = Cron, TimeZone = TimeZone, Missed = Missed },
            Keep = Keep,
            Attach = Attach,
            BlockSize = SizeOf(BlockSize),
            ChangeGranularity = SizeOf(ChangeGranularity),
            Durability = Durability,
            Allocation = Allocation,
        };
        if (ShouldProcess(Name, "Register the backup job"))
            WriteObject(Control.Jobs.Register(job, Force));
        return Task.CompletedTask;
    }

    private static ByteSize? SizeOf(long? bytes) => bytes is { } size ? new ByteSize(size) : null;
}
