namespace SnapBackup.CrashTests.Simulation;

/// <summary>What a disk is asked to do. Reads change nothing and are not recorded.</summary>
internal enum DiskOperationKind
{
    Write,
    WriteZeroes,
    Trim,
    Flush,

    /// <summary>Makes the disk larger; see <see cref="DiskOperation.Offset"/>.</summary>
    Grow,
}
