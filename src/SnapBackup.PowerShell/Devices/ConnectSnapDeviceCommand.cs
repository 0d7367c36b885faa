using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Attaches the origin of a snap device to this machine, as a block device.</summary>
/// <remarks>
/// <para>What is written to the block device goes through the origin, and so into snapshots. It is the disk to mount, format or give to a database on
/// this machine. The result has its path in BlockDevice. Start-Snapshot freezes for a moment what is mounted from it.</para>
/// <para>Where the kernel has the module nbd and nbd-client is installed, it is an nbd device; else nbdfuse and a loop device stand in for it. That needs
/// root. The block device lives as long as the session: when that ends, what is mounted is unmounted and the device detached. If the session is killed, its
/// users get errors, and the next New-SnapDevice of any session takes away what is left.</para>
/// </remarks>
/// <example>
/// <code>
/// $disk = Connect-SnapDevice web
/// mount $disk.BlockDevice /srv/web
/// </code>
/// <para>Mounts the disk of the device web on this machine, through its origin.</para>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "SnapDevice", SupportsShouldProcess = true)]
[OutputType(typeof(SnapDeviceInfo))]
public sealed class ConnectSnapDeviceCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var device = Control.Devices.Get(Name);
        if (ShouldProcess(device.Name, "Attach the origin to this machine"))
            WriteDevice(await Control.Devices.ConnectAsync(device.Name, cancellationToken).ConfigureAwait(true));
    }
}
