using System.Net.Sockets;

namespace SnapBackup.Nbd.Buffers;

/// <summary>Sending on, and cutting, a blocking stream socket.</summary>
internal static class SocketExtensions
{
    /// <summary>Sends every byte; the kernel may take fewer at once.</summary>
    public static void SendAll(this Socket socket, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
            data = data[socket.Send(data)..];
    }

    /// <summary>Ends one or both directions, which wakes the thread that waits there. What was received can still be read.</summary>
    public static void Cut(this Socket socket, SocketShutdown direction)
    {
        try
        {
            socket.Shutdown(direction);
        }
        catch (SocketException)
        {
            // The other side cut it first: just what was wanted.
        }
    }
}
