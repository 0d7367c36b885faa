using System.Management.Automation;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.PowerShell;

/// <summary>Adds a log to a snap device while it is in use.</summary>
/// <remarks>
/// <para>This is what to do when the logs of a device are filling: the log is used from then on, and writes that wait for room go on. Snapshots
/// and bookmarks are not touched. The result is the device with all its logs.</para>
/// <para>From now on the log belongs to the device: New-SnapDevice needs it, among all the others, to attach the device again as long as anything is
/// kept. A log cannot be taken away from a device.</para>
/// </remarks>
/// <example>
/// <code>
/// Add-SnapLog db /var/lib/snapbackup/db2.log -LogSize 20GB
/// </code>
/// <para>Makes a log of 20 GiB for the device db.</para>
/// </example>
/// <example>
/// <code>
/// Add-SnapLog -Device db -Log /mnt/large/db3.log -LogSize 1GB -LogGrowTo 100GB
/// </code>
/// <para>A log that grows as it fills, up to 100 GiB.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice | Where-Object LogFillStage -ne None | Add-SnapLog -Log { "/mnt/large/$($_.Name)-more.log" } -LogSize 10GB
/// </code>
/// <para>A log more for each device whose logs are filling.</para>
/// </example>
[Cmdlet(VerbsCommon.Add, "SnapLog", SupportsShouldProcess = true)]
[OutputType(typeof(SnapDeviceInfo))]
public sealed class AddSnapLogCommand : SnapBackupCommand
{
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <summary>The file or block device that is to take preserved blocks.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Log { get; set; } = "";

    /// <summary>The size in bytes of a log file that does not exist yet. Its space is allocated at once.</summary>
    [Parameter]
    [ByteSizeTransformation]
    public long? LogSize { get; set; }

    /// <summary>The size in bytes that the log file may grow to as it fills; without it, it does not grow. Only files grow.</summary>
    [Parameter]
    [ByteSizeTransformation]
    public long? LogGrowTo { get; set; }

    /// <summary>
    /// Takes the log although it holds something else, or snapshots of another device, which are lost; it asks before these are. Without it such a log is
    /// refused.
    /// </summary>
    [Parameter]
    public SwitchParameter DiscardLogContent { get; set; }

    /// <summary>With -DiscardLogContent, does not ask before snapshots, or what else is there, are lost. Not to be asked is also what -Confirm:$false says.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var log = new LogOptions { Path = ResolvePath(Log), Size = LogSize, GrowTo = LogGrowTo, DiscardContent = DiscardLogContent };
        var lost = await Control.Devices.PlanAddLogAsync(Device, log, cancellationToken).ConfigureAwait(true);
        var action = $"Add the log {log.Path}";
        if (ShouldProcess(Device, lost is null ? action : $"{action}; {LostContentText.Of(lost)}") && (Force || IsConfirmedBeforehand || MayLose(lost)))
            WriteObject(await Control.Devices.AddLogAsync(Device, log, cancellationToken).ConfigureAwait(true));
    }

    private bool MayLose(LostContent? lost) => lost is null || ShouldContinue(
        LostContentText.Question([lost]), LostContentText.Caption, ref _yesToAll, ref _noToAll);
}
