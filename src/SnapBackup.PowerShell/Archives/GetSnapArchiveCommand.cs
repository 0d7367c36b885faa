using System.Management.Automation;
using SnapBackup.Control.Archives;

namespace SnapBackup.PowerShell;

/// <summary>Gets the archives of a store, the oldest first, or a single one.</summary>
/// <remarks>
/// <para>Of each archive only the end is read, so that listing takes no time. A file of the store that is named as an archive
/// and is none is an error that does not hide the others.</para>
/// </remarks>
/// <example>
/// <code>
/// Get-SnapArchive -Store /backup
/// </code>
/// <para>All archives in the folder.</para>
/// </example>
/// <example>
/// <code>
/// Get-SnapArchive -Store /backup | Where-Object Device -eq db | Test-SnapArchive
/// </code>
/// <para>Tests the archives of the device db.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SnapArchive", DefaultParameterSetName = OfStore)]
[OutputType(typeof(SnapArchiveInfo))]
public sealed class GetSnapArchiveCommand : SnapBackupCommand
{
    private const string OfStore = "Store";
    private const string OfPath = "Path";

    /// <summary>The folder that keeps the archives.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OfStore)]
    public string Store { get; set; } = "";

    /// <summary>The file of one archive.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = OfPath)]
    [Alias("FullName")]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override object? ErrorTarget => ParameterSetName is OfStore ? Store : Path;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName is OfPath)
        {
            WriteObject(await Control.Archives.GetAsync(ResolvePath(Path), cancellationToken).ConfigureAwait(true));
            return;
        }

        var listing = await Control.Archives.ListAsync(ResolvePath(Store), cancellationToken).ConfigureAwait(true);
        WriteObject(listing.Archives, enumerateCollection: true);
        foreach (var file in listing.Unreadable)
            WriteError(new ErrorRecord(new InvalidDataException(file.Problem), "UnreadableArchive", ErrorCategory.InvalidData, file.Name));
    }
}
