namespace SnapBackup.PowerShell;

/// <summary>Makes folders for sockets that only their owner can reach, where nobody else could have put one before.</summary>
internal static class SocketFolder
{
    private const string SystemRuntimeFolder = "/run";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static int _made;

    /// <summary>
    /// Makes one: in the user's runtime folder (<c>XDG_RUNTIME_DIR</c>), for root in <c>/run</c>, else in the folder for
    /// temporary files, where its name cannot be foreseen. The name tells the process.
    /// </summary>
    /// <returns>Its path; the caller's to delete.</returns>
    public static string Create()
    {
        var name = $"snapbackup-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}";
        return RuntimeFolder() is { } folder
            ? Directory.CreateDirectory(Path.Combine(folder, name), OwnerOnly).FullName
            : Directory.CreateTempSubdirectory($"{name}-").FullName;
    }

    /// <summary>A folder that others cannot write to, if there is one.</summary>
    private static string? RuntimeFolder()
    {
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } ofUser && Directory.Exists(ofUser))
            return ofUser;
        return Environment.IsPrivilegedProcess && Directory.Exists(SystemRuntimeFolder) ? SystemRuntimeFolder : null;
    }
}
