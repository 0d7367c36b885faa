using System.Net;
using System.Net.Sockets;
using SnapBackup.Nbd.Negotiation;
using SnapBackup.Nbd.Serving;

namespace SnapBackup.Nbd;

/// <summary>
/// Serves block devices over the NBD protocol (fixed newstyle, simple and structured replies; see doc/proto.md of
/// the NetworkBlockDevice project) on a Unix socket that only its owner may connect to, or over TCP.
/// </summary>
/// <remarks>
/// Each client has a thread and a handle of its export. A client that misbehaves loses its own connection at most.
/// </remarks>
public sealed class NbdServer : IAsyncDisposable
{
    /// <summary>How long accepting pauses after a failure, such as no file handle being left.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly ExportCatalog _exports;
    private readonly NbdServerOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Task _accepting;

    /// <summary>Guards <see cref="_connections"/>; innermost.</summary>
    private readonly Lock _lock = new();

    private readonly HashSet<Task> _connections = [];
    private int _accepted;
    private int _isDisposed;

    private NbdServer(Socket listener, INbdExports exports, NbdServerOptions options)
    {
        _listener = listener;
        EndPoint = listener.LocalEndPoint!;
        _exports = new ExportCatalog(exports);
        _options = options;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens: the path of its socket, or its address and port.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Starts a server for this machine's clients.</summary>
    /// <param name="socketPath">
    /// Where to listen: at most 107 bytes. A socket left there by a dead server is replaced. The file has mode 0600 and is
    /// removed when the server stops.
    /// </param>
    /// <param name="exports">What to serve; stays the caller's, and must work until the server is disposed.</param>
    /// <param name="options">Limits; the defaults when left out.</param>
    /// <returns>A server that accepts clients.</returns>
    /// <exception cref="NbdException"><see cref="NbdError.BadAddress"/> or <see cref="NbdError.AddressInUse"/>; nothing was changed.</exception>
    public static NbdServer Listen(string socketPath, INbdExports exports, NbdServerOptions? options = null) =>
        new(UnixSocketListener.Listen(socketPath), exports, options ?? new NbdServerOptions());

    /// <summary>Starts a server that is reached over TCP.</summary>
    /// <param name="address">
    /// Where to listen; port 0 takes a free one. One that is not a loopback address needs <see cref="NbdServerOptions.Tls"/>, required, with the
    /// authorities of the clients' certificates.
    /// </param>
    /// <param name="exports">What to serve; stays the caller's, and must work until the server is disposed.</param>
    /// <param name="options">Limits; the defaults when left out.</param>
    /// <returns>A server that accepts clients.</returns>
    /// <exception cref="NbdException">
    /// <see cref="NbdError.TlsNeeded"/>, <see cref="NbdError.BadAddress"/> or <see cref="NbdError.AddressInUse"/>.
    /// </exception>
    public static NbdServer Listen(IPEndPoint address, INbdExports exports, NbdServerOptions? options = null) =>
        new(TcpListener.Listen(address, options?.Tls), exports, options ?? new NbdServerOptions());

    /// <summary>
    /// Stops: the socket's file goes, requests in flight are finished, those received meanwhile are answered ESHUTDOWN, and
    /// the connections are closed. Clients still there after <see cref="NbdServerOptions.StopTimeout"/> are cut off and their
    /// operations cancelled. When this completes, every device handle is disposed; only a device that does not heed
    /// cancellation holds it up longer.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        var ended = Task.WhenAll(Connections());
        try
        {
            await ended.WaitAsync(_options.StopTimeout, _options.TimeProvider, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _abort.CancelAsync().ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }

        _abort.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        using var listener = _listener;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Admit(await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                Report(NbdError.ConnectionFailed, $"{EndPoint}: a client could not be accepted: {exception.Message}", exception);
                await Task.Delay(AcceptPause, _options.TimeProvider, _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket client)
    {
        lock (_lock)
        {
            if (_connections.Count < _options.MaxConnections)
            {
                Serve(client);
                return;
            }
        }

        client.Dispose();
        Report(NbdError.TooManyConnections, $"{EndPoint}: {_options.MaxConnections} clients are connected; another was turned away.");
    }

    private void Serve(Socket client)
    {
        if (client.ProtocolType == ProtocolType.Tcp)
        {
            client.NoDelay = true; // replies are put together here, so waiting for more only delays
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true); // a machine that died is noticed
        }

        var connection = new Connection(new ClientStream(client), $"nbd {++_accepted}", _exports, _options, _stopping.Token, _abort.Token);
        try
        {
            var ended = connection.RunAsync();
            _connections.Add(ended);
            _ = ForgetAsync(ended);
        }
        catch
        {
            // There was no thread to be had.
            client.Dispose();
            throw;
        }
    }

    private async Task ForgetAsync(Task connection)
    {
        await connection.ConfigureAwait(false);
        lock (_lock)
            _connections.Remove(connection);
    }

    private Task[] Connections()
    {
        lock (_lock)
            return [.. _connections];
    }

    private void Report(NbdError reason, string message, Exception? cause = null) =>
        _options.OnConnectionFailed?.Invoke(new NbdException(reason, message, cause));
}
