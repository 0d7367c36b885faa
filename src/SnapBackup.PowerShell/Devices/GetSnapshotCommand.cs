using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Gets the snapshots of this session: those being kept, and broken ones that were not ended.</summary>
/// <remarks>
/// <para>Each shows its state, its NBD URI, how much of it is in the logs, and why it broke if it did.</para>
/// </remarks>
/// <example>
/// <code>
/// Get-Snapshot
/// </code>
/// <para>All snapshots.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice db | Get-Snapshot -Name 2026*
/// </code>
/// <para>The snapshot of the device db, if it was named after a time of that year.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "Snapshot")]
[OutputType(typeof(SnapshotInfo))]
public sealed class GetSnapshotCommand : SnapBackupCommand
{
    /// <summary>The name of the device; wildcards are permitted. Without it, all devices.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    [SupportsWildcards]
    public string Device { get; set; } = "*";

    /// <summary>The name of the snapshot; wildcards are permitted. Without it, all of the device.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string Name { get; set; } = "*";

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(Device))
            Control.Devices.Get(Device); // a device that is not there is an error; one without a snapshot is not
        var device = WildcardPattern.Get(Device, WildcardOptions.IgnoreCase);
        var name = WildcardPattern.Get(Name, WildcardOptions.IgnoreCase);
        var found = Control.Devices.ListSnapshots().Where(snapshot => device.IsMatch(snapshot.Device) && name.IsMatch(snapshot.Name));
        WriteObject(found, enumerateCollection: true);
        return Task.CompletedTask;
    }
}
