using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SnapBackup.Archive.Linux;

/// <summary>A folder's own durability, for which .NET has no call: its open refuses folders.</summary>
internal static partial class Folder
{
    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Makes the names in a folder durable: what was renamed or deleted stays so after a power cut.</summary>
    public static void Flush(string path)
    {
        var descriptor = Open(path, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            throw Failed();
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Synchronize(handle) != 0)
            throw Failed();

        IOException Failed()
        {
            var errno = Marshal.GetLastPInvokeError();
            return new IOException($"Flushing the folder {path}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeHandle file);
}
