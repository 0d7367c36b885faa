using System.Management.Automation;

namespace SnapBackup.PowerShell;

/// <summary>Tears a snap device down; its source and its logs stay.</summary>
/// <remarks>
/// <para>A snapshot that the device keeps is ended, everything written through its origin is made durable on the source, and
/// source and logs are let go. It is refused while someone has the device open.</para>
/// </remarks>
/// <example>
/// <code>
/// Remove-SnapDevice db
/// </code>
/// <para>Tears down the device db, unless it is in use.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice | Remove-SnapDevice -Force
/// </code>
/// <para>Tears down the devices of this session; whoever is attached to one gets errors. The first failure ends the
/// pipeline.</para>
/// </example>
/// <example>
/// <code>
/// foreach ($device in Get-SnapDevice) {
///     try { Remove-SnapDevice $device.Name } catch { Write-Warning "$($device.Name): $_" }
/// }
/// </code>
/// <para>Tears down all devices that nobody has open, and tells of the others.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "SnapDevice", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveSnapDeviceCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Tears it down although someone has it open.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ShouldProcess(Name, "Tear the snap device down"))
            await Control.Devices.RemoveAsync(Name, Force, cancellationToken).ConfigureAwait(true);
    }
}
