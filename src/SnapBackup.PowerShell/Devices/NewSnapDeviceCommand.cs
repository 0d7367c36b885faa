using System.Management.Automation;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.PowerShell;

/// <summary>Attaches a snap device: puts a disk or image under the protection of snapshots.</summary>
/// <remarks>
/// <para>The source stays as it is; from now on its users attach to the device's origin, whose NBD URI is the property Uri of
/// the result. The path of the socket in it is another one in each session, so it is asked for anew: (Get-SnapDevice db).Uri. What they
/// overwrite while a snapshot is kept is first preserved in the logs.</para>
/// <para>The device lives in this session: it is let go when the module is removed or imported again with -Force, and when the session
/// ends. Its snapshots and bookmarks outlive that, and a crash, on its logs: run again with the same source and logs, New-SnapDevice finds
/// them again. Logs that keep nothing are set up anew. The source and the logs are opened for exclusive use.</para>
/// <para>While it is let go, nothing may write to the source: snapshots of a source that was written meanwhile are broken, which is noticed
/// when it is attached again.</para>
/// <para>As the logs fill, this is done, one after the other: it is foretold; the next log is taken; log files grow (-LogGrowTo); writes are slowed; and
/// then -OverflowPolicy decides. A write to the source never fails for want of room.</para>
/// </remarks>
/// <example>
/// <code>
/// New-SnapDevice -Source /dev/vg0/db -Log /var/lib/snapbackup/db.log -LogSize 20GB -Name db
/// </code>
/// <para>Protects a volume, with a log of 20 GiB that is made when it is not there yet.</para>
/// </example>
/// <example>
/// <code>
/// $device = New-SnapDevice -Source vm1.img -Log fast.log, spill.log -LogSize 4GB
/// qemu-img info $device.Uri
/// </code>
/// <para>Two logs, the second for when the first is full; the device is called snap0, and served over NBD.</para>
/// </example>
/// <example>
/// <code>
/// New-SnapDevice vm1.img vm1.log -LogSize 1GB -LogGrowTo 50GB -OverflowPolicy Hold -HoldFor 0:05:00
/// </code>
/// <para>A log that grows up to 50 GiB. When it is full after all, the machine waits up to five minutes for more room before its oldest snapshot
/// is given up and broken.</para>
/// </example>
/// <example>
/// <code>
/// New-SnapDevice -Source vm1.img -Log fast.log, spill.log -Name vm1 | Get-Snapshot
/// </code>
/// <para>Attaches it again in another session, and gets the snapshots that it has kept.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "SnapDevice", SupportsShouldProcess = true)]
[OutputType(typeof(SnapDeviceInfo))]
public sealed class NewSnapDeviceCommand : SnapBackupCommand
{
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>The disk, volume or image file to protect.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Source { get; set; } = "";

    /// <summary>The files or block devices that take preserved blocks, 1 to 512, in the order in which they fill.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string[] Log { get; set; } = [];

    /// <summary>The size in bytes of each log file that does not exist yet. Its space is allocated at once.</summary>
    [Parameter]
    [ByteSizeTransformation]
    public long? LogSize { get; set; }

    /// <summary>
    /// The size in bytes that each log file may grow to as it fills; without it, they do not grow. Only files grow. A device that is found again takes
    /// what is given then; a log never gets smaller.
    /// </summary>
    [Parameter]
    [ByteSizeTransformation]
    public long? LogGrowTo { get; set; }

    /// <summary>What to call the device; without it, the first free of snap0, snap1, …</summary>
    /// <value>The first free of snap0, snap1, …</value>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>
    /// The unit of preservation in bytes: a power of two from 4 KiB, the usual one, to 1 MiB. A device that is found again keeps its own.
    /// </summary>
    /// <value>4KB</value>
    [Parameter]
    [ByteSizeTransformation]
    public int? BlockSize { get; set; }

    /// <summary>
    /// The unit in bytes in which changes are known: a power of two from 4 KiB to 64 KiB, the usual one; a larger block size takes its
    /// place. A device that is found again keeps its own.
    /// </summary>
    /// <value>64KB</value>
    [Parameter]
    [ByteSizeTransformation]
    public int? ChangeGranularity { get; set; }

    /// <summary>
    /// Whether snapshots survive a power cut and the end of the session: Strict, the usual, or Volatile, which saves the flushes of the logs
    /// and gives them up. A device that is found again keeps its own.
    /// </summary>
    /// <value>Strict</value>
    [Parameter]
    public LogDurability Durability { get; set; } = LogDurability.Strict;

    /// <summary>
    /// Which log takes the next preserved blocks: Sequential, the usual, fills one after the other; Striped takes all in turn; MostFree takes
    /// the one with the most free space.
    /// </summary>
    /// <value>Sequential</value>
    [Parameter]
    public LogAllocation Allocation { get; set; } = LogAllocation.Sequential;

    /// <summary>
    /// Takes a log although it holds something else, or snapshots, which are lost; it asks before these are. Without it a log that holds something else is
    /// refused.
    /// </summary>
    [Parameter]
    public SwitchParameter DiscardLogContent { get; set; }

    /// <summary>With -DiscardLogContent, does not ask before snapshots, or what else is there, are lost. Not to be asked is also what -Confirm:$false says.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// What is done when all logs are full and none can grow: EndOldest, the usual, gives up the oldest snapshot, which is then broken, then the next,
    /// and no write waits; Hold lets writes wait for room first: for Add-SnapLog, for Stop-Snapshot.
    /// </summary>
    /// <value>EndOldest</value>
    [Parameter]
    public OverflowPolicy OverflowPolicy { get; set; } = OverflowPolicy.EndOldest;

    /// <summary>
    /// With -OverflowPolicy Hold, how long a write waits at the most, up to an hour: seconds or a text such as '0:05:00'; one minute without it.
    /// </summary>
    /// <value>0:01:00</value>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? HoldFor { get; set; }

    /// <summary>
    /// From which fill of the logs on writes are slowed that need something preserved, from 0 to 1; 0.9 without it. What files may still grow counts as room.
    /// </summary>
    /// <value>0.9</value>
    [Parameter]
    public double? SlowFrom { get; set; }

    /// <summary>
    /// How long a write is delayed when the logs are all but full, up to a second: seconds or a text such as '0:00:00.05'; 20 milliseconds without it,
    /// and none with 0.
    /// </summary>
    /// <value>0:00:00.02</value>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? LargestDelay { get; set; }

    /// <summary>
    /// How long before the logs will be full it is foretold, as a warning and as the device's LogFillStage: seconds or a text such as '0:30:00'; a
    /// quarter of an hour without it, and never with 0.
    /// </summary>
    /// <value>0:15:00</value>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? Horizon { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name ?? Source;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var options = new SnapDeviceOptions
        {
            Name = Name,
            Source = ResolvePath(Source),
            Logs = [.. Log.Select(LogOf)],
            BlockSize = BlockSize ?? DeviceSettings.MinBlockSize,
            ChangeGranularity = ChangeGranularity ?? DeviceSettings.MaxChangeGranularity,
            Durability = Durability,
            Allocation = Allocation,
            Overflow = Overflow(),
        };
        var plan = await Control.Devices.PlanAttachAsync(options, cancellationToken).ConfigureAwait(true);
        if (ShouldProcess(options.Source, ActionOf(plan)) && (Force || IsConfirmedBeforehand || MayLose(plan)))
        {
            foreach (var failure in await Control.Devices.CleanUpAsync().ConfigureAwait(true))
                WriteWarning(failure.Message);
            WriteDevice(await Control.Devices.AttachAsync(options, cancellationToken).ConfigureAwait(true));
        }
    }

    private static string ActionOf(AttachPlan plan)
    {
        var parts = new List<string>
        {
            plan.OpensAgain ? $"Attach the snap device {plan.Name} again, which keeps {string.Join(", ", plan.Kept)}" : $"Set up the snap device {plan.Name}",
        };
        if (plan.Created.Count > 0)
            parts.Add($"create {string.Join(", ", plan.Created)}");
        parts.AddRange(plan.Lost.Select(LostContentText.Of));
        return string.Join("; ", parts);
    }

    private bool MayLose(AttachPlan plan) => plan.Lost.Count == 0 || ShouldContinue(
        LostContentText.Question(plan.Lost), LostContentText.Caption, ref _yesToAll, ref _noToAll);

    private LogOptions LogOf(string path) =>
        new() { Path = ResolvePath(path), Size = LogSize, GrowTo = LogGrowTo, DiscardContent = DiscardLogContent };

    private OverflowOptions Overflow()
    {
        var usual = new OverflowOptions();
        return usual with
        {
            Policy = OverflowPolicy,
            HoldFor = HoldFor ?? usual.HoldFor,
            SlowFrom = SlowFrom ?? usual.SlowFrom,
            LargestDelay = LargestDelay ?? usual.LargestDelay,
            Horizon = Horizon ?? usual.Horizon,
        };
    }
}
