using System.Management.Automation;
using SnapBackup.Control.Archives;

namespace SnapBackup.PowerShell;

/// <summary>Restores the image of an archive to a new file, or over an existing file or block device.</summary>
/// <remarks>
/// <para>Every part is checked before it is written. A new file appears under its name when it is complete. A target that
/// exists is taken only with -Force, and what it held is lost; until the restore has finished its first sector says that it
/// has not, so that nobody takes it for a disk.</para>
/// <para>It asks before it begins; -Confirm:$false answers in scripts.</para>
/// </remarks>
/// <example>
/// <code>
/// Restore-SnapArchive /backup/db-20260131T023000Z-1f2e3d4c.img.zst -Target /tmp/db.img
/// </code>
/// <para>Restores into a new file, to look at it.</para>
/// </example>
/// <example>
/// <code>
/// Restore-SnapArchive $archive.Path -Target /dev/vg0/db -Force -Confirm:$false
/// </code>
/// <para>Restores over a volume without asking. The volume must be at least as large as the image and not in use.</para>
/// </example>
[Cmdlet(VerbsData.Restore, "SnapArchive", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SnapArchiveInfo))]
public sealed class RestoreSnapArchiveCommand : SnapBackupCommand
{
    /// <summary>The archive's file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    public string Path { get; set; } = "";

    /// <summary>The file to make, or with -Force the file or block device to overwrite.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string Target { get; set; } = "";

    /// <summary>Overwrites a target that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Target;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (path, target) = (ResolvePath(Path), ResolvePath(Target));
        if (!ShouldProcess(target, $"Write the image of {path}"))
            return;
        using var bar = new ProgressBar(this, $"Restoring {target}");
        WriteObject(await Control.Archives.RestoreAsync(path, target, Force, bar.ForArchive("Written"), cancellationToken).ConfigureAwait(true));
    }
}
