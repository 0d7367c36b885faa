using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Freezing;

/// <summary>What files lie on, down to the disks: file system, block device, the file under a loop device, its file system, and so on.</summary>
internal static class StorageStack
{
    /// <summary>Whether a file or block device lies on one of some file systems, directly or through others.</summary>
    /// <param name="path">The path; nothing need be there yet.</param>
    /// <param name="fileSystems">The device numbers of the file systems.</param>
    public static bool LiesOn(string path, IReadOnlySet<string> fileSystems)
    {
        var table = MountTable.Read();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var toLookAt = new Stack<string>([Path.GetFullPath(path)]);
        while (toLookAt.TryPop(out var there))
        {
            if (!seen.Add(there))
                continue;
            var device = BlockNode.At(there);
            if (device is null && table.Holding(there) is { } mount)
            {
                if (fileSystems.Contains(mount.DeviceNumber))
                    return true;
                device = mount.Device;
            }

            foreach (var file in device?.WithAllBelow.Select(node => node.LoopFile).OfType<string>() ?? [])
                toLookAt.Push(file);
        }

        return false;
    }
}
