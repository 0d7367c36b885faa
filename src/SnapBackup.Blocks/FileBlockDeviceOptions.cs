namespace SnapBackup.Blocks;

/// <summary>How a file or device is opened.</summary>
public sealed record FileBlockDeviceOptions
{
    /// <summary>Whether it is opened for reading only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Whether this is to be the only opener (the default). A file is locked as a whole with an open-file-description
    /// lock, which QEMU's image locks also honour; a block device is opened with O_EXCL, which also refuses mounted ones.
    /// With <see cref="ReadOnly"/> the file's lock is a shared one.
    /// </summary>
    public bool Exclusive { get; init; } = true;
}
