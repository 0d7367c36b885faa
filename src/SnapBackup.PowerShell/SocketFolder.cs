using System.Runtime.InteropServices;
using System.Text;

namespace SnapBackup.PowerShell;

/// <summary>Makes folders for sockets that only their owner can reach, where nobody else could have put one before.</summary>
internal static partial class SocketFolder
{
    /// <summary>How long Linux lets the path of a socket be, in bytes.</summary>
    private const int MaxSocketPath = 107;

    private const string NamePrefix = "snapbackup-";
    private const string SystemRuntimeFolder = "/run";
    private const string ShortestFolder = "/tmp";

    /// <summary>
    /// Makes one: in the user's runtime folder (<c>XDG_RUNTIME_DIR</c>), for root in <c>/run</c>, else in the folder for
    /// temporary files; where none can be made, or the socket's path would be too long, in the next of them. The name tells
    /// the process, and cannot be foreseen. Folders go that sessions left which were killed.
    /// </summary>
    /// <param name="socket">The name of the socket that it is to hold.</param>
    /// <returns>Its path; the caller's to delete.</returns>
    /// <exception cref="IOException">None can be made in any of them.</exception>
    public static string Create(string socket)
    {
        var errno = 0;
        foreach (var parent in PrivateParents())
            DeleteThoseOfTheDead(parent);
        foreach (var parent in Parents())
        {
            // mkdtemp takes no folder that is there already, and gives the one it makes to its owner alone.
            var path = Encoding.UTF8.GetBytes($"{parent.TrimEnd('/')}/{NamePrefix}{Environment.ProcessId}-XXXXXX\0");
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

    private static IEnumerable<string> Parents() => [.. PrivateParents(), Path.GetFullPath(Path.GetTempPath()), ShortestFolder];

    /// <summary>Those in which nobody else can have made something.</summary>
    private static IEnumerable<string> PrivateParents()
    {
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } ofUser)
            yield return Path.GetFullPath(ofUser);
        if (Environment.IsPrivilegedProcess)
            yield return SystemRuntimeFolder;
    }

    private static void DeleteThoseOfTheDead(string parent)
    {
        try
        {
            foreach (var folder in Directory.GetDirectories(parent, NamePrefix + "*"))
            {
                var process = Path.GetFileName(folder.AsSpan())[NamePrefix.Length..];
                if (process.IndexOf('-') is var end and > 0 && int.TryParse(process[..end], out var id) && !Directory.Exists($"/proc/{id}"))
                    Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // They are in nobody's way; another session tries again.
        }
    }

    /// <summary>Replaces the six X at the end of the path; 0 when it fails.</summary>
    [LibraryImport("libc", EntryPoint = "mkdtemp", SetLastError = true)]
    private static partial nint MakeTemporaryFolder(Span<byte> template);
}
