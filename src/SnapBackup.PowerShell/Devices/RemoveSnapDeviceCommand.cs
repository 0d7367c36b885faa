using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Tears a snap device down, or lets it go with its snapshots; its source and its logs stay.</summary>
/// <remarks>
/// <para>Everything written through its origin is made durable on the source, and source and logs are let go. It is refused while someone
/// has the device open.</para>
/// <para>Snapshots that the device keeps are ended and its bookmarks forgotten; it asks before it does so. With -KeepSnapshot they stay on the
/// logs, and New-SnapDevice with the same source and logs finds them again, as long as nothing writes to the source meanwhile.</para>
/// </remarks>
/// <example>
/// <code>
/// Remove-SnapDevice db
/// </code>
/// <para>Tears down the device db, unless it is in use; asks if it keeps snapshots or bookmarks.</para>
/// </example>
/// <example>
/// <code>
/// Remove-SnapDevice db -KeepSnapshot
/// </code>
/// <para>Lets the device db go, to attach it again in another session or by the service.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice | Remove-SnapDevice -Force
/// </code>
/// <para>Tears down the devices of this session, without asking; whoever is attached to one gets errors. The first failure ends
/// the pipeline.</para>
/// </example>
/// <example>
/// <code>
/// foreach ($device in Get-SnapDevice) {
///     try { Remove-SnapDevice $device.Name -KeepSnapshot } catch { Write-Warning "$($device.Name): $_" }
/// }
/// </code>
/// <para>Lets all devices go that nobody has open, and tells of the others.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "SnapDevice", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveSnapDeviceCommand : SnapBackupCommand
{
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Keeps the device's snapshots and bookmarks on its logs.</summary>
    [Parameter]
    public SwitchParameter KeepSnapshot { get; set; }

    /// <summary>
    /// Does it although someone has the device open, and does not ask about snapshots. Not to be asked is also what -Confirm:$false says.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var device = Control.Devices.Get(Name);
        if (KeepSnapshot)
        {
            if (ShouldProcess(Name, "Let the snap device go and keep its snapshots"))
                await Control.Devices.ReleaseAsync(Name, Force, cancellationToken).ConfigureAwait(true);
        }
        else if (ShouldProcess(Name, ActionOn(device)) && (Force || IsConfirmedBeforehand || MayLose(device)))
        {
            await Control.Devices.RemoveAsync(Name, Force, cancellationToken).ConfigureAwait(true);
        }
    }

    private static string ActionOn(SnapDeviceInfo device) =>
        KeptBy(device) is { Length: > 0 } kept ? $"Tear the snap device down and end its snapshots and bookmarks: {kept}" : "Tear the snap device down";

    private static string KeptBy(SnapDeviceInfo device) => string.Join(", ", device.Snapshots.Concat(device.Bookmarks));

    private bool MayLose(SnapDeviceInfo device)
    {
        var kept = KeptBy(device);
        return kept.Length == 0 || ShouldContinue(
            $"The device {device.Name} keeps {kept}. Tearing it down ends these snapshots and bookmarks; -KeepSnapshot would keep them. Tear it down?",
            "End the snapshots of a snap device",
            ref _yesToAll,
            ref _noToAll);
    }
}
