using System.Management.Automation;
using SnapBackup.Archive;
using SnapBackup.Blocks;

namespace SnapBackup.PowerShell;

/// <summary>A cmdlet's progress bar. Disposing takes it off the screen. Made and disposed on the pipeline thread.</summary>
/// <param name="cmdlet">The cmdlet.</param>
/// <param name="activity">What it does.</param>
internal sealed class ProgressBar(Cmdlet cmdlet, string activity) : IDisposable
{
    private const int Id = 1;

    /// <summary>Shows how far an archive is; may be told from any thread.</summary>
    /// <param name="step">What is being done with it.</param>
    public IProgress<ArchiveProgress> ForArchive(string step) =>
        new Progress<ArchiveProgress>(progress => Show(step, progress.BytesDone, progress.BytesTotal));

    /// <summary>Shows a step.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="done">Bytes of it that are done with.</param>
    /// <param name="total">All its bytes; 0 when it is not measured in bytes.</param>
    public void Show(string step, long done, long total) => cmdlet.WriteProgress(total > 0
        ? new ProgressRecord(Id, activity, $"{step}: {new ByteSize(done)} of {new ByteSize(total)}") { PercentComplete = (int)(100d * done / total) }
        : new ProgressRecord(Id, activity, step));

    public void Dispose() =>
        cmdlet.WriteProgress(new ProgressRecord(Id, activity, "Done") { RecordType = ProgressRecordType.Completed });
}
