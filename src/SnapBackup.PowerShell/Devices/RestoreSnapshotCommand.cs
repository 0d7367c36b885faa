using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Rolls a disk back: its source holds again what it held when a snapshot started.</summary>
/// <remarks>
/// <para>Only what has changed since is written. The snapshot and all others, older and newer, stay as they are, so a snapshot that is started before
/// is the way back. What was written since the snapshot started is lost from the disk unless a newer snapshot has it.</para>
/// <para>It asks before it begins; -Confirm:$false answers in scripts. Nobody should use the disk meanwhile: it is refused while someone has the origin
/// open. What is needed is read and verified first; if something is missing or the logs have no room for what newer snapshots need, nothing is
/// changed. Ctrl-C stops it until the source is being written; from then on it is finished.</para>
/// <para>Should the source or a log fail half-way, the source is a mix: the origin is closed, the device shows the snapshot as its
/// IncompleteRollback, and Restore-Snapshot can be run again, with this or another snapshot. After a crash New-SnapDevice finishes it. With -Abandon it
/// is given up, and the source can be used as it is, partly rolled back: to restore an archive to it, for instance.</para>
/// </remarks>
/// <example>
/// <code>
/// Start-Snapshot db before
/// Restore-Snapshot -Device db -Name monday
/// </code>
/// <para>Rolls the disk of the device db back to the snapshot monday; Restore-Snapshot db before would undo it.</para>
/// </example>
/// <example>
/// <code>
/// Get-Snapshot db | Select-Object -Last 1 | Restore-Snapshot -Confirm:$false
/// </code>
/// <para>Rolls back to the newest snapshot of the device db, without asking.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice | Where-Object IncompleteRollback | Restore-Snapshot -Abandon
/// </code>
/// <para>Gives up the rollbacks that could not be finished, after asking for each.</para>
/// </example>
[Cmdlet(VerbsData.Restore, "Snapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByObject)]
[OutputType(typeof(SnapRollbackReport))]
public sealed class RestoreSnapshotCommand : SnapBackupCommand
{
    private const string ByName = "ByName";

    /// <summary>The default: else the property Device of a snapshot that is piped in would be bound, and its name not.</summary>
    private const string ByObject = "ByObject";
    private const string ToAbandon = "Abandon";

    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = ToAbandon)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <summary>The name of the snapshot. A bookmark has no content to go back to.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The snapshot, as Get-Snapshot gets it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    public SnapshotInfo? InputObject { get; set; }

    /// <summary>
    /// Does it although the origin is open, whose users wait meanwhile and then find another disk under them; and although the snapshot lacks
    /// blocks that could not be read when they were to be preserved, which stay as they are and are the NotRestored of the report.
    /// </summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ByObject)]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives up a rollback that was not finished. A device that has none is left as it is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToAbandon)]
    public SwitchParameter Abandon { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => InputObject?.Device ?? Device;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        Abandon ? AbandonAsync(cancellationToken) : RollBackAsync(cancellationToken);

    private async Task RollBackAsync(CancellationToken cancellationToken)
    {
        var snapshot = Control.Snapshots.GetSnapshot(InputObject?.Device ?? Device, InputObject?.Name ?? Name);
        var source = Control.Devices.Get(snapshot.Device).Source;
        if (!ShouldProcess(source, $"Roll back to the snapshot {snapshot.Device}@{snapshot.Name} and lose what was written since"))
            return;
        using var bar = new ProgressBar(this, $"Rolling {source} back");
        WriteObject(await Control.Snapshots
            .RollBackAsync(snapshot.Device, snapshot.Name, Force, bar.ForBytes("Written back"), cancellationToken).ConfigureAwait(true));
    }

    private async Task AbandonAsync(CancellationToken cancellationToken)
    {
        var device = Control.Devices.Get(Device);
        if (device.IncompleteRollback is { } target
            && ShouldProcess(device.Source, $"Abandon the rollback to the snapshot {device.Name}@{target} and leave the disk as it is, partly rolled back"))
        {
            await Control.Snapshots.AbandonRollbackAsync(device.Name, cancellationToken).ConfigureAwait(true);
        }
    }
}
