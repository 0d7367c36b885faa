using System.Management.Automation;

namespace SnapBackup.PowerShell;

/// <summary>Detaches the origin of a snap device from this machine; the device stays.</summary>
/// <remarks>
/// <para>It is refused while something is mounted from the block device. With -Force that is unmounted, also under its users, who get errors; what they
/// had written is on the disk.</para>
/// </remarks>
/// <example>
/// <code>
/// Disconnect-SnapDevice web
/// </code>
/// <para>Takes the block device away that Connect-SnapDevice made.</para>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "SnapDevice", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectSnapDeviceCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Does it although something is mounted from the block device.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var device = Control.Devices.Get(Name);
        if (ShouldProcess(device.Name, "Detach the origin from this machine"))
            await Control.Devices.DisconnectAsync(device.Name, Force, cancellationToken).ConfigureAwait(true);
    }
}
