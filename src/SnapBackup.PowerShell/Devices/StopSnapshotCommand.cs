using System.Management.Automation;
using SnapBackup.Blocks;
using SnapBackup.Control.Devices;

namespace SnapBackup.PowerShell;

/// <summary>Ends a snapshot, or forgets a bookmark.</summary>
/// <remarks>
/// <para>What only this snapshot needed is no longer preserved, and its space in the logs is free again. Who still reads the snapshot gets
/// errors. The device, its source and its other snapshots are not affected.</para>
/// <para>A snapshot that is broken keeps its name until it is ended.</para>
/// <para>Names are taken literally. What wildcards select is ended by piping it in: Get-Snapshot db 2026* | Stop-Snapshot.</para>
/// <para>With -KeepChanges a bookmark of the same name stays: it has no content, but Compare-Snapshot can tell what has changed since. A
/// bookmark is forgotten by Stop-Snapshot with its name and without -KeepChanges.</para>
/// </remarks>
/// <example>
/// <code>
/// Stop-Snapshot db
/// </code>
/// <para>Ends the snapshot of the device db, if it keeps only one.</para>
/// </example>
/// <example>
/// <code>
/// Stop-Snapshot db monday -KeepChanges
/// Compare-Snapshot db monday
/// Stop-Snapshot db monday
/// </code>
/// <para>Ends the snapshot monday and keeps a bookmark; tells what has changed since; forgets the bookmark.</para>
/// </example>
/// <example>
/// <code>
/// Stop-Snapshot web, db nightly
/// </code>
/// <para>Ends the snapshot nightly of two devices.</para>
/// </example>
/// <example>
/// <code>
/// Get-Snapshot | Stop-Snapshot
/// </code>
/// <para>Ends the snapshots of this session's devices. The first failure ends the pipeline; the snapshots after it are kept.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "Snapshot", SupportsShouldProcess = true, DefaultParameterSetName = ByObject)]
[OutputType(typeof(void))]
public sealed class StopSnapshotCommand : SnapBackupCommand
{
    private const string ByName = "ByName";

    /// <summary>The default: else the property Device of a snapshot that is piped in would be bound, and its name not.</summary>
    private const string ByObject = "ByObject";

    /// <summary>The names of the devices; of several, the snapshot of the same name is ended on each.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string[] Device { get; set; } = [];

    /// <summary>The name of the snapshot or bookmark. It can be left out while the device keeps exactly one snapshot.</summary>
    /// <value>The only snapshot</value>
    [Parameter(Position = 1, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(PointNameCompleter))]
    public string? Name { get; set; }

    /// <summary>The snapshot or bookmark, as Get-Snapshot gets it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    public SnapshotInfo? InputObject { get; set; }

    /// <summary>Keeps a bookmark, from which on changes are known.</summary>
    [Parameter]
    public SwitchParameter KeepChanges { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => InputObject?.Device ?? string.Join(", ", Device);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        // All are looked for before the first one is ended.
        List<SnapshotInfo> points = InputObject is { } given ? [Find(given.Device, given.Name)] : [.. Device.Select(device => Find(device, Name))];
        foreach (var point in points)
        {
            if (ShouldProcess($"{point.Device}@{point.Name}", ActionOn(point)))
                await Control.Snapshots.EndAsync(point.Device, point.Name, KeepChanges, cancellationToken).ConfigureAwait(true);
        }
    }

    private SnapshotInfo Find(string device, string? name)
    {
        var point = Control.Snapshots.Get(device, name);
        return KeepChanges ? Control.Snapshots.GetSnapshot(device, point.Name) : point; // a bookmark is refused
    }

    private protected override string? AdviceOn(SnapBackupException error) => WildcardPattern.ContainsWildcardCharacters($"{string.Concat(Device)}{Name}")
        ? $"Names are taken literally here; what wildcards select is ended with: Get-Snapshot {Device[0]} {Name} | Stop-Snapshot"
        : base.AdviceOn(error);

    private string ActionOn(SnapshotInfo point) => point.State switch
    {
        PointState.Bookmark or PointState.ChangesLost => "Forget the bookmark",
        PointState.Broken when KeepChanges => "End the broken snapshot and keep a bookmark",
        _ when KeepChanges => "End the snapshot and keep a bookmark, since which changes are known",
        _ => "End the snapshot, and keep no bookmark",
    };
}
