using System.Management.Automation;
using SnapBackup.Control.Archives;

namespace SnapBackup.PowerShell;

/// <summary>Tests whether an archive can be restored.</summary>
/// <remarks>
/// <para>Everything is read, decompressed and compared with the checksums that were taken when the archive was made. What is
/// wrong is a finding in the report, and not an error; a file that is not there or cannot be read is one, and ends the
/// pipeline.</para>
/// </remarks>
/// <example>
/// <code>
/// Get-SnapArchive -Store /backup | Test-SnapArchive
/// </code>
/// <para>A report on each archive in the folder, up to the first that cannot be read.</para>
/// </example>
/// <example>
/// <code>
/// foreach ($archive in Get-SnapArchive -Store /backup) {
///     try { Test-SnapArchive $archive.Path } catch { Write-Warning "$($archive.Path): $_" }
/// }
/// </code>
/// <para>A report on every archive in the folder that can be read.</para>
/// </example>
/// <example>
/// <code>
/// if (-not (Test-SnapArchive $archive.Path -Quiet)) { throw 'Make another one.' }
/// </code>
/// <para>Only whether it is intact.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "SnapArchive")]
[OutputType(typeof(SnapArchiveReport), typeof(bool))]
public sealed class TestSnapArchiveCommand : SnapBackupCommand
{
    /// <summary>The archive's file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    public string Path { get; set; } = "";

    /// <summary>Looks at the structure of the archive only, which takes no time, and not at its content.</summary>
    [Parameter]
    public SwitchParameter StructureOnly { get; set; }

    /// <summary>Writes only whether the archive is intact, instead of a report.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override object? ErrorTarget => Path;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var path = ResolvePath(Path);
        using var bar = new ProgressBar(this, $"Testing {path}");
        var report = await Control.Archives.TestAsync(path, StructureOnly, bar.ForArchive("Verified"), cancellationToken).ConfigureAwait(true);
        WriteObject(Quiet ? report.IsIntact : report);
    }
}
