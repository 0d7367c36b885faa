using System.Net.Sockets;
using SnapBackup.Nbd.Buffers;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// The sending side of a connection, shared by its two threads. After the first failure nothing is sent any more: the
/// stream is cut, which the receiving side then notices.
/// </summary>
internal sealed class ReplySocket(ClientStream client)
{
    /// <summary>Held while sending. No other lock is taken under it.</summary>
    private readonly Lock _sending = new();

    private bool _isBroken;

    /// <summary>Sends a batch, or drops it when the client is gone; it is empty afterwards.</summary>
    public void Send(ReplyBatch batch)
    {
        lock (_sending)
        {
            if (_isBroken)
            {
                batch.Clear();
                return;
            }

            try
            {
                batch.SendTo(client);
            }
            catch (Exception gone) when (gone is SocketException or IOException)
            {
                // The client is gone, and with it who could be told. The receiving thread ends the connection.
                _isBroken = true;
                client.Cut(SocketShutdown.Both);
            }
        }
    }
}
