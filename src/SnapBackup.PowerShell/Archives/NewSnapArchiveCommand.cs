using System.Management.Automation;
using SnapBackup.Control.Archives;

namespace SnapBackup.PowerShell;

/// <summary>Archives a snapshot of a snap device.</summary>
/// <remarks>
/// <para>The archive is one compressed file in the store: the whole image as it was when the snapshot started. It appears
/// under its name when it is complete and durable; when the making fails or is stopped with Ctrl-C, nothing is left. The
/// stock program zstd can decompress it, so that it can be restored without SnapBackup.</para>
/// </remarks>
/// <example>
/// <code>
/// New-SnapArchive -Device db -Store /backup
/// </code>
/// <para>Archives the snapshot of the device db in the folder /backup, if the device keeps only one.</para>
/// </example>
/// <example>
/// <code>
/// Start-Snapshot db nightly | New-SnapArchive -Store /backup -CompressionLevel 9 | Test-SnapArchive
/// Stop-Snapshot db nightly
/// </code>
/// <para>A snapshot, a smaller archive of it, a test of the archive, and the snapshot's end.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "SnapArchive", SupportsShouldProcess = true)]
[OutputType(typeof(SnapArchiveInfo))]
public sealed class NewSnapArchiveCommand : SnapBackupCommand
{
    /// <summary>The name of the device.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(DeviceNameCompleter))]
    public string Device { get; set; } = "";

    /// <summary>The name of the snapshot. It can be left out while the device keeps exactly one.</summary>
    /// <value>The only snapshot</value>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string? Snapshot { get; set; }

    /// <summary>The folder that is to keep the archive; it must exist.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string Store { get; set; } = "";

    /// <summary>The zstd level, from 1 (fast) to 19 (small); 3 without it.</summary>
    /// <value>3</value>
    [Parameter]
    public int? CompressionLevel { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Device;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var store = ResolvePath(Store);
        if (!ShouldProcess(Device, $"Archive the snapshot in {store}"))
            return;
        using var bar = new ProgressBar(this, $"Archiving {Device}");
        WriteObject(await Control.Archives
            .CreateAsync(Device, Snapshot, store, CompressionLevel, bar.ForArchive("Reading"), cancellationToken).ConfigureAwait(true));
    }
}
