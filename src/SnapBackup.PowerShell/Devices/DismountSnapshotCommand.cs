using System.Management.Automation;

namespace SnapBackup.PowerShell;

/// <summary>Unmounts snapshots from this machine; they stay.</summary>
/// <remarks>
/// <para>What was written to a writable mount is gone. Who still uses it gets errors. A folder that Mount-Snapshot made goes too.</para>
/// </remarks>
/// <example>
/// <code>
/// Dismount-Snapshot web monday
/// </code>
/// <para>Unmounts the snapshot monday of the device web, wherever it is mounted.</para>
/// </example>
/// <example>
/// <code>
/// Dismount-Snapshot -Path /mnt/monday
/// </code>
/// <para>Unmounts the snapshot that is mounted there.</para>
/// </example>
/// <example>
/// <code>
/// Get-Snapshot | Where-Object MountPoints | Dismount-Snapshot
/// </code>
/// <para>Unmounts all that this session has mounted.</para>
/// </example>
[Cmdlet(VerbsData.Dismount, "Snapshot", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(void))]
public sealed class DismountSnapshotCommand : SnapBackupCommand
{
    private const string ByName = "ByName";

    /// <summary>The default: else the device of a mount that is piped in would be bound, and its path not.</summary>
    private const string ByPath = "ByPath";

    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <summary>The name of the snapshot. Without it, all of the device.</summary>
    /// <value>All of the device</value>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string? Snapshot { get; set; }

    /// <summary>Where it is mounted.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPath)]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Path ?? Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var mount in Path is null ? Control.Mounts.Get(Device, Snapshot) : [Control.Mounts.GetAt(ResolvePath(Path))])
        {
            if (ShouldProcess($"{mount.Device}@{mount.Snapshot}", $"Unmount from {mount.Path}"))
                await Control.Mounts.DismountAsync(mount.Path, cancellationToken).ConfigureAwait(true);
        }
    }
}
