using System.Runtime.InteropServices;
using System.Text;

namespace SnapBackup.PowerShell;

/// <summary>Makes folders for sockets that only their owner can reach, where nobody else could have put one before.</summary>
internal static partial class SocketFolder
{
    /// <summary>How long Linux lets the path of a socket be, in bytes.</summary>
    private const int MaxSocketPath = 107;

    private const string SystemRuntimeFolder = "/run";
    private const string ShortestFolder = "/tmp";

    /// <summary>
    /// Makes one: in the user's runtime folder (<c>XDG_RUNTIME_DIR</c>), for root in <c>/run</c>, else in the folder for
    /// temporary files; where none can be made, or the socket's path would be too long, in the next of them. The name tells
    /// the process, and cannot be foreseen.
    /// </summary>
    /// <param name="socket">The name of the socket that it is to hold.</param>
    /// <returns>Its path; the caller's to delete.</returns>
    /// <exception cref="IOException">None can be made in any of them.</exception>
    public static string Create(string socket)
    {
        var errno = 0;
        foreach (var parent in Parents())
        {
            // mkdtemp takes no folder that is there already, and gives the one it makes to its owner alone.
            var path = Encoding.UTF8.GetBytes($"{parent.TrimEnd('/')}/snapbackup-{Environment.ProcessId}-XXXXXX\0");
            if (path.Length + Encoding.UTF8.GetByteCount(socket) > MaxSocketPath)
                continue;
            if (MakeTemporaryFolder(path) != 0)
                return Encoding.UTF8.GetString(path.AsSpan()[..^1]);
            errno = Marshal.GetLastPInvokeError();
        }

        throw new IOException(
            $"No folder for the socket can be made in {string.Join(", ", Parents())}: {Marshal.GetPInvokeErrorMessage(errno)}. Let XDG_RUNTIME_DIR name a folder that may be written.",
            errno);
    }

    private static IEnumerable<string> Parents()
    {
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } ofUser)
            yield return Path.GetFullPath(ofUser);
        if (Environment.IsPrivilegedProcess)
            yield return SystemRuntimeFolder;
        yield return Path.GetFullPath(Path.GetTempPath());
        yield return ShortestFolder;
    }

    /// <summary>Replaces the six X at the end of the path; 0 when it fails.</summary>
    [LibraryImport("libc", EntryPoint = "mkdtemp", SetLastError = true)]
    private static partial nint MakeTemporaryFolder(Span<byte> template);
}
