using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace SnapBackup.Nbd;

/// <summary>
/// The bytes to and from a client, in clear until it asks for TLS. It blocks; one thread receives and one at a time sends. It owns the socket.
/// </summary>
/// <remarks>Failing to send or receive is a <see cref="SocketException"/> or <see cref="IOException"/>: the client is gone.</remarks>
internal sealed class ClientStream(Socket socket) : IDisposable
{
    private SslStream? _tls;

    /// <summary>Whether TLS was begun.</summary>
    public bool IsSecure => _tls is not null;

    /// <summary>Waits for some bytes.</summary>
    /// <returns>How many there were; 0 at the end.</returns>
    public int Receive(Span<byte> buffer) => _tls is null ? socket.Receive(buffer) : _tls.Read(buffer);

    /// <summary>Sends every byte.</summary>
    public void SendAll(ReadOnlySpan<byte> data)
    {
        if (_tls is not null)
        {
            _tls.Write(data);
            return;
        }

        while (data.Length > 0)
            data = data[socket.Send(data)..]; // the kernel may take fewer at once
    }

    /// <summary>Goes on in TLS. Nothing that the client sent before may be unread.</summary>
    /// <exception cref="NbdException"><see cref="NbdError.TlsFailed"/>: no agreement, or the client's certificate was not accepted.</exception>
    public void BeginTls(NbdTls tls)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
        try
        {
            stream.AuthenticateAsServer(tls.ToServerOptions());
            _tls = stream;
        }
        catch (AuthenticationException failure)
        {
            stream.Dispose();
            throw new NbdException(
                NbdError.TlsFailed, $"NBD client: TLS could not be agreed on: {failure.Message} The connection was closed.", failure);
        }
    }

    /// <summary>Ends one or both directions, which wakes the thread that waits there. What was received can still be read.</summary>
    public void Cut(SocketShutdown direction)
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

    /// <summary>Takes leave, as TLS wants it, and closes.</summary>
    public void Dispose()
    {
        try
        {
            _tls?.ShutdownAsync().GetAwaiter().GetResult();
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
            // Nobody is there to be told.
        }

        _tls?.Dispose();
        socket.Dispose();
    }
}
