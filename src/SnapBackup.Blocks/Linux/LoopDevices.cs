namespace SnapBackup.Blocks.Linux;

/// <summary>Which files the kernel's loop devices stand on. They hold no lock on them, so only sysfs tells.</summary>
internal static class LoopDevices
{
    /// <summary>The loop device that a file is behind; null when there is none.</summary>
    /// <param name="path">The file's real path, as the kernel writes it.</param>
    public static string? On(string path)
    {
        if (!Directory.Exists("/sys/block"))
            return null;
        foreach (var device in Directory.EnumerateFileSystemEntries("/sys/block", "loop*"))
        {
            if (path.Equals(Sysfs.TryRead(Path.Combine(device, "loop/backing_file")), StringComparison.Ordinal))
                return $"/dev/{Path.GetFileName(device)}";
        }

        return null;
    }
}
