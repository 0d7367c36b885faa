using System.Management.Automation;

namespace SnapBackup.PowerShell;

/// <summary>Ends the snapshot that a snap device keeps.</summary>
/// <remarks>
/// <para>Nothing is preserved any longer, and the space in the logs is free again. Who still reads the snapshot gets errors.
/// The device and its source are not affected.</para>
/// </remarks>
/// <example>
/// <code>
/// Stop-Snapshot db
/// </code>
/// <para>Ends the snapshot of the device db.</para>
/// </example>
/// <example>
/// <code>
/// Get-Snapshot | Stop-Snapshot
/// </code>
/// <para>Ends the snapshots of this session. The first failure ends the pipeline; the snapshots after it are kept.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "Snapshot", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopSnapshotCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ShouldProcess(Device, "End the snapshot"))
            await Control.Devices.EndSnapshotAsync(Device, cancellationToken).ConfigureAwait(true);
    }
}
