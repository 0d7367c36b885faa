using System.Net.Sockets;
using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Negotiation;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// One client, from the hello to the end, on a thread of its own that blocks in the kernel: quicker than passing each
/// receive through the pool, and what one client does or leaves undone never holds up another.
/// </summary>
/// <param name="client">The client's bytes; the connection closes it.</param>
/// <param name="name">For its threads.</param>
/// <param name="exports">What can be asked for.</param>
/// <param name="options">The server's.</param>
/// <param name="stopping">When cancelled no more is received; what was is answered.</param>
/// <param name="abort">When cancelled the client is cut off and the device told to give up.</param>
internal sealed class Connection(
    ClientStream client, string name, ExportCatalog exports, NbdServerOptions options, CancellationToken stopping, CancellationToken abort)
{
    /// <summary>Serves the client. The task ends, never in failure, when everything of the connection is closed.</summary>
    public Task RunAsync()
    {
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            RunToEnd();
            completion.SetResult();
        })
        { IsBackground = true, Name = name }.Start();
        return completion.Task;
    }

    private void RunToEnd()
    {
        try
        {
            using (client)
            using (stopping.Register(() => client.Cut(SocketShutdown.Receive)))
            using (abort.Register(() => client.Cut(SocketShutdown.Both)))
                Serve();
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // The client went away without a word, as clients do; nothing was promised to it.
        }
        catch (NbdException exception)
        {
            options.OnConnectionFailed?.Invoke(exception);
        }
        catch (Exception exception)
        {
            options.OnConnectionFailed?.Invoke(
                new NbdException(NbdError.ConnectionFailed, $"{name}: the connection was given up: {exception.Message}", exception));
        }
    }

    private void Serve()
    {
        using var input = new ReceiveBuffer(client);
        if (Negotiate(input) is not { } export)
            return;
        try
        {
            using var transmission = new Transmission(client, input, export, name, stopping, abort);
            transmission.Run();
        }
        finally
        {
            export.Device.Close();
        }
    }

    private NegotiatedExport? Negotiate(ReceiveBuffer input)
    {
        using var limit = new CancellationTokenSource(options.HandshakeTimeout, options.TimeProvider);
        using (limit.Token.Register(() => client.Cut(SocketShutdown.Both)))
        {
            try
            {
                return new Handshake(client, input, exports, options.Tls).Run();
            }
            catch (Exception exception) when (limit.IsCancellationRequested && exception is SocketException or IOException)
            {
                throw new NbdException(
                    NbdError.HandshakeTimeout,
                    $"{name}: the client did not finish negotiating within {options.HandshakeTimeout.TotalSeconds} s and was cut off.",
                    exception);
            }
        }
    }
}
