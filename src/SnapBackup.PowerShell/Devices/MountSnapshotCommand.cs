using System.Management.Automation;
using SnapBackup.Control.Mounts;
using SnapBackup.Kernel.Mounting;

namespace SnapBackup.PowerShell;

/// <summary>Mounts what a snapshot holds on this machine, also while its origin is mounted.</summary>
/// <remarks>
/// <para>The file system is mounted read-only from a private copy of the snapshot, which takes what the kernel writes all the same: the replay of a
/// journal, a new identity for btrfs. So neither the snapshot nor the disk is touched, and ext4, xfs and btrfs mount beside the disk they are copies
/// of. What the copy takes is kept in the logs of the device.</para>
/// <para>A snapshot can be mounted several times, and each of its partitions. It stays mounted until Dismount-Snapshot or Stop-Snapshot ends that, or the
/// session ends. If the session is killed, the next New-SnapDevice of any session takes away what is left. Mounting needs root, and nbd-client or nbdfuse.</para>
/// </remarks>
/// <example>
/// <code>
/// Mount-Snapshot web monday /mnt/monday
/// Copy-Item /mnt/monday/etc/fstab /tmp
/// Dismount-Snapshot web monday
/// </code>
/// <para>Gets a file back from the snapshot monday.</para>
/// </example>
/// <example>
/// <code>
/// $mount = Start-Snapshot web | Mount-Snapshot -Partition 2
/// Get-ChildItem $mount.Path
/// </code>
/// <para>Looks into the second partition as it is now, below /run/snapbackup/mnt.</para>
/// </example>
/// <example>
/// <code>
/// Mount-Snapshot web monday /mnt/try -Writable
/// </code>
/// <para>A copy to try something with; what is written is gone when it is unmounted.</para>
/// </example>
[Cmdlet(VerbsData.Mount, "Snapshot", SupportsShouldProcess = true)]
[OutputType(typeof(SnapshotMountInfo))]
public sealed class MountSnapshotCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <summary>The name of the snapshot. It can be left out while the device keeps exactly one.</summary>
    /// <value>The only snapshot</value>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string? Snapshot { get; set; }

    /// <summary>The folder to mount on. It is made when it does not exist, and goes when it is unmounted.</summary>
    /// <value>/run/snapbackup/mnt/device@snapshot</value>
    [Parameter(Position = 2)]
    public string? Path { get; set; }

    /// <summary>The number of the partition that is meant, when the disk has partitions.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int? Partition { get; set; }

    /// <summary>Lets it be written. What is written is seen here only, and is gone when it is unmounted.</summary>
    [Parameter]
    public SwitchParameter Writable { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var snapshot = Control.Snapshots.Get(Device, Snapshot);
        var options = new MountOptions
        {
            Path = Path is null ? Control.Mounts.SuggestPath(Device, Snapshot, Partition) : System.IO.Path.TrimEndingDirectorySeparator(ResolvePath(Path)),
            Partition = Partition,
            IsWritable = Writable,
        };
        await Control.Mounts.ThrowIfCannotMountAsync(Device, Snapshot, options).ConfigureAwait(true);
        if (ShouldProcess($"{snapshot.Device}@{snapshot.Name}", $"Mount on {options.Path}"))
            WriteObject(await Control.Mounts.MountAsync(Device, Snapshot, options, cancellationToken).ConfigureAwait(true));
    }
}
