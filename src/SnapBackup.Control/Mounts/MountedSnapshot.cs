using SnapBackup.Kernel.Mounting;

namespace SnapBackup.Control.Mounts;

/// <summary>A snapshot of which a file system is mounted.</summary>
/// <param name="Device">The name of its device.</param>
/// <param name="Snapshot">Its own name.</param>
/// <param name="FileSystem">What is mounted.</param>
internal sealed record MountedSnapshot(string Device, string Snapshot, MountedFileSystem FileSystem)
{
    /// <summary>Whether it is of a device.</summary>
    public bool IsOf(string device) => Device.Equals(device, StringComparison.Ordinal);

    /// <summary>Whether it is of a snapshot of a device.</summary>
    public bool IsOf(string device, string snapshot) => IsOf(device) && Snapshot.Equals(snapshot, StringComparison.Ordinal);
}
