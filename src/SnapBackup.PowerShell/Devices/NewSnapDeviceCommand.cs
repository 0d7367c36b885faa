using System.Management.Automation;
using SnapBackup.Control.Devices;
using SnapBackup.Engine;

namespace SnapBackup.PowerShell;

/// <summary>Attaches a snap device: puts a disk or image under the protection of snapshots.</summary>
/// <remarks>
/// <para>The source stays as it is; from now on its users attach to the device's origin, whose NBD URI is the property Uri of
/// the result. What they overwrite while a snapshot is kept is first preserved in the logs.</para>
/// <para>The device lives in this session: it is let go when the module is removed or imported again with -Force, and when the session
/// ends. Its snapshots and bookmarks outlive that, and a crash, on its logs: run again with the same source and logs, New-SnapDevice finds
/// them again. Logs that keep nothing are set up anew. The source and the logs are opened for exclusive use.</para>
/// <para>While it is let go, nothing may write to the source: snapshots of a source that was written meanwhile are broken, which is noticed
/// when it is attached again.</para>
/// </remarks>
/// <example>
/// <code>
/// New-SnapDevice -Source /dev/vg0/db -Log /var/lib/snapbackup/db.log -LogSize 20GB -Name db
/// </code>
/// <para>Protects a volume, with a log of 20 GiB that is made when it is not there yet.</para>
/// </example>
/// <example>
/// <code>
/// $device = New-SnapDevice -Source vm1.img -Log fast.log, spill.log -LogSize 4GB
/// qemu-img info $device.Uri
/// </code>
/// <para>Two logs, the second for when the first is full; the device is called snap0, and served over NBD.</para>
/// </example>
/// <example>
/// <code>
/// New-SnapDevice -Source vm1.img -Log fast.log, spill.log -Name vm1 | Get-Snapshot
/// </code>
/// <para>Attaches it again in another session, and gets the snapshots that it has kept.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "SnapDevice", SupportsShouldProcess = true)]
[OutputType(typeof(SnapDeviceInfo))]
public sealed class NewSnapDeviceCommand : SnapBackupCommand
{
    /// <summary>The disk, volume or image file to protect.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Source { get; set; } = "";

    /// <summary>The files or block devices that take preserved blocks, 1 to 512, in the order in which they fill.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string[] Log { get; set; } = [];

    /// <summary>The size in bytes of each log file that does not exist yet. Its space is allocated at once.</summary>
    [Parameter]
    [ByteSizeTransformation]
    public long? LogSize { get; set; }

    /// <summary>What to call the device; without it, the first free of snap0, snap1, …</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>
    /// The unit of preservation in bytes: a power of two from 4 KiB, the usual one, to 1 MiB. A device that is found again keeps its own.
    /// </summary>
    [Parameter]
    [ByteSizeTransformation]
    public int? BlockSize { get; set; }

    /// <summary>
    /// The unit in bytes in which changes are known: a power of two from 4 KiB to 64 KiB, the usual one; a larger block size takes its
    /// place. A device that is found again keeps its own.
    /// </summary>
    [Parameter]
    [ByteSizeTransformation]
    public int? ChangeGranularity { get; set; }

    /// <summary>
    /// Whether snapshots survive a power cut and the end of the session: Strict, the usual, or Volatile, which saves the flushes of the logs
    /// and gives them up. A device that is found again keeps its own.
    /// </summary>
    [Parameter]
    public LogDurability Durability { get; set; } = LogDurability.Strict;

    /// <summary>
    /// Which log takes the next preserved blocks: Sequential, the usual, fills one after the other; Striped takes all in turn; MostFree takes
    /// the one with the most free space.
    /// </summary>
    [Parameter]
    public LogAllocation Allocation { get; set; } = LogAllocation.Sequential;

    /// <summary>
    /// Takes a log although it holds something else, or snapshots, which are lost. Without it a log that holds something else is refused.
    /// </summary>
    [Parameter]
    public SwitchParameter DiscardLogContent { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Name ?? Source;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var options = new SnapDeviceOptions
        {
            Name = Name,
            Source = ResolvePath(Source),
            Logs = [.. Log.Select(path => new LogOptions { Path = ResolvePath(path), Size = LogSize, DiscardContent = DiscardLogContent })],
            BlockSize = BlockSize ?? DeviceSettings.MinBlockSize,
            ChangeGranularity = ChangeGranularity ?? DeviceSettings.MaxChangeGranularity,
            Durability = Durability,
            Allocation = Allocation,
        };
        if (ShouldProcess(options.Source, "Attach a snap device"))
            WriteObject(await Control.Devices.AttachAsync(options, cancellationToken).ConfigureAwait(true));
    }
}
