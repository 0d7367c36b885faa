using SnapBackup.Blocks;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>A log of a job: the file or block device that takes preserved blocks during a run.</summary>
public sealed record JobLog
{
    /// <summary>Its absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The size of the file that is made when nothing is at <see cref="Path"/>; a run that made it removes it again.
    /// Absent: the log must exist.
    /// </summary>
    public ByteSize? Size { get; init; }
}
