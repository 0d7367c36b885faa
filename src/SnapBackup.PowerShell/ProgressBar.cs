using System.Management.Automation;
using SnapBackup.Archive;
using SnapBackup.Blocks;
using SnapBackup.Engine;

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

    /// <summary>Shows how many bytes are done with, where it is not known how many there will be; may be told from any thread.</summary>
    /// <param name="step">What is being done with them.</param>
    public IProgress<long> ForBytes(string step) => new Progress<long>(bytes => Show($"{step}: {new ByteSize(bytes)}", percent: null));

    /// <summary>Shows how far a check is; may be told from any thread.</summary>
    /// <param name="step">What is being done.</param>
    public IProgress<CheckProgress> ForCheck(string step) => new Progress<CheckProgress>(now => Show(
        $"{step}: {new ByteSize(now.BytesRead)}", now.SegmentCount > 0 ? (int)(100d * now.Segments / now.SegmentCount) : null));

    /// <summary>Shows a step.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="done">Bytes of it that are done with.</param>
    /// <param name="total">All its bytes; 0 when it is not measured in bytes.</param>
    public void Show(string step, long done, long total)
    {
        if (total > 0)
            Show($"{step}: {new ByteSize(done)} of {new ByteSize(total)}", (int)(100d * done / total));
        else
            Show(step, percent: null);
    }

    public void Dispose() =>
        cmdlet.WriteProgress(new ProgressRecord(Id, activity, "Done") { RecordType = ProgressRecordType.Completed });

    private void Show(string status, int? percent) =>
        cmdlet.WriteProgress(new ProgressRecord(Id, activity, status) { PercentComplete = percent ?? -1 });
}
