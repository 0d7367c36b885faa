using System.Management.Automation;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Gets the snapshots of this session's devices: those being kept, and broken ones that were not ended. Or their bookmarks.</summary>
/// <remarks>
/// <para>Each shows its state, its NBD URI, how much of it is in the logs, and why it broke if it did. Snapshots that were started together have the
/// same Group; if a crash came in the middle of that, their state is Unconfirmed until all devices of the group are attached.</para>
/// <para>A bookmark is what remains of a snapshot that was ended with -KeepChanges: it has no content, but tells Compare-Snapshot what has
/// changed since. Its state is Bookmark, or ChangesLost when that is no longer known. Bookmarks are shown only when they are asked for, so
/// that Get-Snapshot can be piped into what ends or archives snapshots.</para>
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
/// <para>The snapshots of the device db that were named after a time of that year.</para>
/// </example>
/// <example>
/// <code>
/// Get-Snapshot db -Bookmark | Stop-Snapshot
/// </code>
/// <para>Forgets the bookmarks of the device db.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "Snapshot")]
[OutputType(typeof(SnapshotInfo))]
public sealed class GetSnapshotCommand : SnapBackupCommand
{
    /// <summary>The name of the device; wildcards are permitted. Without it, all devices.</summary>
    /// <value>*</value>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    [SupportsWildcards]
    public string Device { get; set; } = "*";

    /// <summary>The name of the snapshot; wildcards are permitted. Without it, all of the device.</summary>
    /// <value>*</value>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(PointNameCompleter))]
    [SupportsWildcards]
    public string Name { get; set; } = "*";

    /// <summary>Gets bookmarks instead of snapshots.</summary>
    [Parameter]
    public SwitchParameter Bookmark { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(Device))
            Control.Devices.Get(Device); // a device that is not there is an error; one without a snapshot is not
        var device = WildcardPattern.Get(Device, WildcardOptions.IgnoreCase);
        var name = WildcardPattern.Get(Name, WildcardOptions.IgnoreCase);
        var all = Bookmark ? Control.Snapshots.ListBookmarks() : Control.Snapshots.List();
        WriteObject(all.Where(point => device.IsMatch(point.Device) && name.IsMatch(point.Name)), enumerateCollection: true);
        return Task.CompletedTask;
    }
}
