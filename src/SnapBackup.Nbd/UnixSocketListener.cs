using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace SnapBackup.Nbd;

/// <summary>
/// Makes a listening socket that only its owner can connect to. A socket that a dead server left is replaced; one that
/// answers, or anything else at the path, is left alone.
/// </summary>
internal static class UnixSocketListener
{
    private const int Backlog = 128;

    /// <summary>Opening a socket by its path fails with this errno, which an IOException carries as its HResult.</summary>
    private const int ENXIO = 6;

    /// <summary>Listens. Disposing the socket removes its file.</summary>
    /// <exception cref="NbdException"><see cref="NbdError.BadAddress"/> or <see cref="NbdError.AddressInUse"/>.</exception>
    public static Socket Listen(string path)
    {
        var address = AddressOf(path);
        try
        {
            return Bind(address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            RemoveStale(path, address);
        }
        catch (SocketException exception)
        {
            throw BadAddress(path, exception);
        }

        try
        {
            return Bind(address);
        }
        catch (SocketException exception)
        {
            throw new NbdException(NbdError.AddressInUse, $"{path}: another server began to listen there at this moment.", exception);
        }
    }

    private static Socket Bind(UnixDomainSocketEndPoint address)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Only Linux gives a socket's file its mode before anyone can connect.");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Linux gives the file the mode of the socket, so there is no moment in which others may connect.
            using var handle = new SafeFileHandle(socket.Handle, ownsHandle: false);
            File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint address)
    {
        if (!IsSocket(path))
            throw new NbdException(NbdError.AddressInUse, $"{path}: something that is not a socket is there. Choose another path or remove it.");
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(address);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException exception)
        {
            throw BadAddress(path, exception);
        }

        throw new NbdException(NbdError.AddressInUse, $"{path}: another server listens there. Stop it or choose another path.");
    }

    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult == ENXIO;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static UnixDomainSocketEndPoint AddressOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw BadAddress(path, exception);
        }
    }

    private static NbdException BadAddress(string path, Exception cause) => new(
        NbdError.BadAddress,
        $"{path}: no socket can be made there: {cause.Message} Name a path of at most 107 bytes in a folder that exists and may be written.",
        cause);
}
