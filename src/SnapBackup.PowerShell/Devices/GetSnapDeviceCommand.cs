using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Gets the snap devices of this session.</summary>
/// <remarks>
/// <para>Each shows its source, its logs, the URI of its origin, its block device on this machine (BlockDevice) while it is attached, the snapshots and bookmarks that it keeps, how many users have it
/// open, and statistics of what it has done. LogFillStage says how far it has come on the way to full logs, and LogFullAt when they will be full
/// if writes go on as in the last minute.</para>
/// <para>A warning tells of a device whose logs are filling, or whose rollback is not finished (IncompleteRollback).</para>
/// </remarks>
/// <example>
/// <code>
/// Get-SnapDevice
/// </code>
/// <para>All of them.</para>
/// </example>
/// <example>
/// <code>
/// (Get-SnapDevice db).Statistics
/// </code>
/// <para>What the device db has read, written and preserved.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice -WarningAction SilentlyContinue | Where-Object LogFillStage -ne None | Format-Table Name, LogFillStage, LogFullAt
/// </code>
/// <para>The devices whose logs are filling, and when they will be full.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SnapDevice")]
[OutputType(typeof(SnapDeviceInfo))]
public sealed class GetSnapDeviceCommand : SnapBackupCommand
{
    /// <summary>The names of the devices; wildcards are permitted. Without it, all.</summary>
    /// <value>*</value>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        WriteNamed(Name, Control.Devices.List(), device => device.Name, Control.Devices.Get, WriteDevice);
        return Task.CompletedTask;
    }
}
