using System.Net;
using System.Net.Sockets;

namespace SnapBackup.Nbd;

/// <summary>
/// Makes a listening socket for clients on this or other machines. Beyond this machine only those are heard that show a certificate.
/// </summary>
internal static class TcpListener
{
    private const int Backlog = 128;

    /// <summary>Listens.</summary>
    /// <exception cref="NbdException">
    /// <see cref="NbdError.TlsNeeded"/>, <see cref="NbdError.BadAddress"/> or <see cref="NbdError.AddressInUse"/>.
    /// </exception>
    public static Socket Listen(IPEndPoint address, NbdTls? tls)
    {
        if (!IPAddress.IsLoopback(address.Address) && tls is not { IsRequired: true, ChecksClients: true })
        {
            throw new NbdException(
                NbdError.TlsNeeded,
                $"{address}: other machines reach this address, and whoever does could read and write the disks. Give a certificate and the authority "
                + "that signs those of the clients, or listen on a loopback address.");
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? new NbdException(NbdError.AddressInUse, $"{address}: another program listens there. Stop it or choose another port.", exception)
                : new NbdException(NbdError.BadAddress, $"{address}: it cannot be listened on: {exception.Message} Name an address of this machine.", exception);
        }
    }
}
