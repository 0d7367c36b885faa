using System.Management.Automation;
using SnapBackup.Engine;

namespace SnapBackup.PowerShell;

/// <summary>Tells which parts of a disk have changed since a snapshot, or between two.</summary>
/// <remarks>
/// <para>The result is a range for each part, with Offset and Length in bytes, in ascending order. Every byte that differs is in one of them,
/// and perhaps some that do not: what was written with the same content has changed too, and a part is never smaller than the device's
/// ChangeGranularity. Nothing is read for it, however large the disk is.</para>
/// <para>Both snapshots can be bookmarks, which Stop-Snapshot -KeepChanges leaves.</para>
/// </remarks>
/// <example>
/// <code>
/// Compare-Snapshot db monday
/// </code>
/// <para>What has changed since the snapshot or bookmark monday.</para>
/// </example>
/// <example>
/// <code>
/// (Compare-Snapshot -Device db -Reference monday -Difference tuesday | Measure-Object Length -Sum).Sum
/// </code>
/// <para>How many bytes have changed from monday to tuesday.</para>
/// </example>
[Cmdlet(VerbsData.Compare, "Snapshot")]
[OutputType(typeof(ChangedRange))]
public sealed class CompareSnapshotCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <summary>The name of the snapshot or bookmark from which on changes are meant.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Snapshot")]
    [ArgumentCompleter(typeof(PointNameCompleter))]
    public string Reference { get; set; } = "";

    /// <summary>The name of the later snapshot or bookmark up to which changes are meant; without it, up to now.</summary>
    /// <value>Now</value>
    [Parameter(Position = 2)]
    [ArgumentCompleter(typeof(PointNameCompleter))]
    public string? Difference { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var changes = await Control.Snapshots.CompareAsync(Device, Reference, Difference, cancellationToken).ConfigureAwait(true);
        WriteObject(changes, enumerateCollection: true);
    }
}
