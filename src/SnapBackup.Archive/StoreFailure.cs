namespace SnapBackup.Archive;

/// <summary>Turns what the file system throws into an error that names the thing, the cause and the remedy. The one place that does.</summary>
internal static class StoreFailure
{
    private const int ENOSPC = 28;
    private const int EDQUOT = 122;

    /// <summary>Whether <see cref="From"/> explains an exception; all others pass.</summary>
    public static bool Explains(Exception error) => error is IOException or UnauthorizedAccessException;

    public static ArchiveException From(Exception error, string path, string operation)
    {
        var (reason, remedy) = error switch
        {
            UnauthorizedAccessException => (ArchiveError.AccessDenied, "Run as a user who may, or change the folder's permissions."),
            FileNotFoundException or DirectoryNotFoundException => (ArchiveError.NotFound, "Check the path, and that its file system is mounted."),
            { HResult: ENOSPC or EDQUOT } => (ArchiveError.NoSpace, "Make room on the file system that holds it, or keep fewer archives."),
            _ => (ArchiveError.StoreFailed, "Look at the kernel's log (dmesg) and at the medium or server that holds it."),
        };
        return new ArchiveException(reason, $"{path}: {operation} failed: {error.Message.TrimEnd('.')}. {remedy}", error);
    }
}
