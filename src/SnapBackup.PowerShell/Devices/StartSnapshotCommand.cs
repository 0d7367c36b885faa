using System.Management.Automation;
using SnapBackup.Control.Devices;
using SnapBackup.Control.Mounts;

namespace SnapBackup.PowerShell;

/// <summary>Starts a snapshot: freezes what a snap device holds at this instant.</summary>
/// <remarks>
/// <para>Writes under way are finished and the source is flushed first; then every block is preserved before it is
/// overwritten. The device's users notice a short pause. The snapshot can be read over NBD, as a device of its own, and
/// archived, until it is ended.</para>
/// <para>A device keeps any number of snapshots at once; what is overwritten is preserved once for all of them. They outlive the session
/// and a crash: New-SnapDevice with the same source and logs finds them again.</para>
/// <para>Several names for -Device start one snapshot on all of these devices at the same instant, for what is spread over several disks: no
/// write is in it that was made after one that is not, on whichever of them. All of them have it or, after a failure or a crash, none; their
/// snapshots have the same Group, and each is archived and ended for itself. Devices that come from the pipeline are another matter: each gets a snapshot
/// of its own, one after the other.</para>
/// <para>What is mounted on this machine from an origin that Connect-SnapDevice attached is frozen meanwhile, on all devices of a group together: its
/// users wait for a moment, and the file system in the snapshot is whole, as if it had been unmounted. A process of its own thaws it, should this one die or
/// take longer than -FreezeTimeout; then the start fails and leaves no snapshot. A file system that holds logs of this session is not frozen but
/// refused. With -NoFreeze, and in machines that use the origin over NBD, a file system is in the snapshot as after a power cut.</para>
/// <para>Should the logs fill up, snapshots break, the oldest first, and the source goes on without harm; a warning tells when that is foreseen. A
/// broken snapshot keeps its name, so that what became of it is seen, until Stop-Snapshot ends it.
/// New-SnapDevice says what else can be done then (-LogGrowTo, -OverflowPolicy), and Add-SnapLog gives a device more room.</para>
/// </remarks>
/// <example>
/// <code>
/// Start-Snapshot db
/// </code>
/// <para>Starts a snapshot of the device db, which is named after the time.</para>
/// </example>
/// <example>
/// <code>
/// Start-Snapshot -Device data, journal -Name nightly | New-SnapArchive -Store /backup
/// </code>
/// <para>Snapshots of two disks at one instant, archived one after the other.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapDevice | Start-Snapshot | New-SnapArchive -Store /backup
/// </code>
/// <para>Archives the devices of this session, one after the other, each as it is when its turn comes. The first failure ends it.</para>
/// </example>
/// <example>
/// <code>
/// foreach ($device in Get-SnapDevice) {
///     try { Start-Snapshot $device.Name | New-SnapArchive -Store /backup } catch { Write-Warning "$($device.Name): $_" }
/// }
/// </code>
/// <para>Archives all devices of this session, also those after one that fails.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "Snapshot", SupportsShouldProcess = true)]
[OutputType(typeof(SnapshotInfo))]
public sealed class StartSnapshotCommand : SnapBackupCommand
{
    /// <summary>The name of the device. Several names are devices that get the snapshot at the same instant, all or none.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string[] Device { get; set; } = [];

    /// <summary>
    /// What to call the snapshot; without it, the time in UTC, such as 20260131T023000Z, with a number when that is taken: 20260131T023000Z-2.
    /// </summary>
    /// <value>The time in UTC</value>
    [Parameter(Position = 1)]
    public string? Name { get; set; }

    /// <summary>
    /// How long what is mounted may be frozen at the most, from 0.1 seconds to an hour: a number of seconds or a text such as '0:00:30'.
    /// </summary>
    /// <value>10 seconds</value>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? FreezeTimeout { get; set; }

    /// <summary>Does not freeze what is mounted from attached origins.</summary>
    [Parameter]
    public SwitchParameter NoFreeze { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device is [var only] ? only : Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var name = Name ?? Control.Snapshots.SuggestName(Device);
        Control.Snapshots.ThrowIfCannotStart(Device, name);
        if (!ShouldProcess(string.Join(", ", Device), $"Start the snapshot {name}"))
            return;
        var usual = NoFreeze ? FreezeOptions.None : FreezeOptions.Usual;
        var freeze = usual with { Limit = FreezeTimeout ?? usual.Limit };
        if (Device is [var only])
            WriteObject(await Control.Snapshots.StartAsync(only, name, freeze, cancellationToken).ConfigureAwait(true));
        else
            WriteObject(await Control.Snapshots.StartGroupAsync(Device, name, freeze, cancellationToken).ConfigureAwait(true), enumerateCollection: true);
        foreach (var device in Device)
            WriteWarnings(Control.Devices.Get(device));
    }
}
