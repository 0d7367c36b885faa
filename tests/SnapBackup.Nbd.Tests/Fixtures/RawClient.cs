using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SnapBackup.Nbd.Tests;

/// <summary>A client that says exactly what the test says. It knows the protocol from its text, not from the server's code.</summary>
internal sealed class RawClient : IDisposable
{
    /// <summary>So that a server that owes an answer fails the test instead of hanging it.</summary>
    private const int PatienceMilliseconds = 60_000;

    private readonly Socket _socket;
    private Stream _stream;

    private RawClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
    }

    public bool Structured { get; private set; }

    public static RawClient Connect(EndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = PatienceMilliseconds,
            SendTimeout = PatienceMilliseconds,
        };
        socket.Connect(endPoint);
        return new RawClient(socket);
    }

    /// <summary>Negotiates up to the transmission.</summary>
    public static RawClient Enter(EndPoint endPoint, string export, bool structured)
    {
        var client = Connect(endPoint);
        client.Greet();
        if (structured)
            client.NegotiateStructuredReplies();
        client.Go(export);
        return client;
    }

    /// <summary>Begins the transmission.</summary>
    public void Go(string export)
    {
        SendOption(7, InfoData(export));
        while (ReceiveOptionReply(7) is var reply && reply.Type != 1)
            Assert.Equal(3u, reply.Type);
    }

    /// <summary>Goes on in TLS, after the server has agreed.</summary>
    public void BeginTls(SslClientAuthenticationOptions options)
    {
        var tls = new SslStream(_stream);
        tls.AuthenticateAsClient(options);
        _stream = tls;
    }

    public static byte[] InfoData(string name, params ushort[] infos)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return [.. Big((uint)bytes.Length), .. bytes, .. Big((ushort)infos.Length), .. infos.SelectMany(Big)];
    }

    public static byte[] Request(ushort command, ulong cookie, ulong offset, uint length, ushort flags = 0, byte[]? payload = null) =>
        [.. Big(0x25609513u), .. Big(flags), .. Big(command), .. Big(cookie), .. Big(offset), .. Big(length), .. payload ?? []];

    public static byte[] Write(ulong cookie, ulong offset, byte[] payload, ushort flags = 0) =>
        Request(1, cookie, offset, (uint)payload.Length, flags, payload);

    /// <summary>A request as it is once extended headers were negotiated.</summary>
    public static byte[] ExtendedRequest(ushort command, ulong cookie, ulong offset, ulong length, ushort flags = 0, byte[]? payload = null) =>
        [.. Big(0x21e41c71u), .. Big(flags), .. Big(command), .. Big(cookie), .. Big(offset), .. Big(length), .. payload ?? []];

    /// <summary>The data of LIST_META_CONTEXT and SET_META_CONTEXT.</summary>
    public static byte[] ContextData(string export, params string[] queries)
    {
        return [.. Text(export), .. Big((uint)queries.Length), .. queries.SelectMany(Text)];

        static byte[] Text(string text) => [.. Big((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];
    }

    public static byte[] Big(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Big(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Big(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    /// <summary>Says that nothing more will be sent, and goes on listening.</summary>
    public void StopSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Send(byte[] bytes) => _stream.Write(bytes);

    public byte[] Receive(int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            var more = _stream.Read(bytes.AsSpan(received));
            if (more == 0)
                throw new EndOfStreamException($"The server closed the connection; {count - received} bytes of {count} were missing.");
            received += more;
        }

        return bytes;
    }

    /// <summary>Takes all that comes, whatever it is, until the server closes the connection.</summary>
    public void ReceiveToEnd()
    {
        var bytes = new byte[1 << 16];
        try
        {
            while (_stream.Read(bytes) > 0)
                continue;
        }
        catch (IOException exception)
        {
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(exception.InnerException).SocketErrorCode);
        }
    }

    /// <summary>Waits for the server to close the connection, and fails if it says anything before.</summary>
    public void ExpectEnd()
    {
        try
        {
            Assert.Equal(0, _stream.Read(new byte[1]));
        }
        catch (IOException exception)
        {
            // Closed with bytes of ours unread.
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(exception.InnerException).SocketErrorCode);
        }
    }

    public byte[] Greet(uint flags = 3)
    {
        var hello = Receive(18);
        Send(Big(flags));
        return hello;
    }

    public void NegotiateStructuredReplies()
    {
        SendOption(8);
        Assert.Equal(1u, ReceiveOptionReply(8).Type);
        Structured = true;
    }

    public void SendOption(uint option, params byte[] data) =>
        Send([.. "IHAVEOPT"u8, .. Big(option), .. Big((uint)data.Length), .. data]);

    public (uint Type, byte[] Data) ReceiveOptionReply(uint option)
    {
        var header = Receive(20);
        Assert.Equal(0x0003e889045565a9ul, BinaryPrimitives.ReadUInt64BigEndian(header));
        Assert.Equal(option, BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8)));
        return (BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(12)), Receive((int)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(16))));
    }

    /// <summary>The contexts named in the replies to an option, up to its end, with the type of the last reply.</summary>
    public (List<(uint Number, string Name)> Contexts, uint Last) ReceiveContexts(uint option)
    {
        var contexts = new List<(uint, string)>();
        while (true)
        {
            var (type, data) = ReceiveOptionReply(option);
            if (type != 4)
                return (contexts, type);
            contexts.Add((BinaryPrimitives.ReadUInt32BigEndian(data), Encoding.UTF8.GetString(data, 4, data.Length - 4)));
        }
    }

    /// <summary>The next chunk of a structured reply.</summary>
    public (ushort Flags, ushort Type, ulong Cookie, byte[] Body) ReceiveChunk()
    {
        var head = Receive(20);
        Assert.Equal(0x668e33efu, BinaryPrimitives.ReadUInt32BigEndian(head));
        return (
            BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(4)),
            BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(6)),
            BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)),
            Receive((int)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16))));
    }

    /// <summary>The next chunk of an extended reply.</summary>
    public (ushort Flags, ushort Type, ulong Cookie, ulong Offset, byte[] Body) ReceiveExtendedChunk()
    {
        var head = Receive(32);
        Assert.Equal(0x6e8a278cu, BinaryPrimitives.ReadUInt32BigEndian(head));
        return (
            BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(4)),
            BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(6)),
            BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)),
            BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(16)),
            Receive((int)BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(24))));
    }

    /// <summary>Sends a request and waits for its reply, with none other under way.</summary>
    public Reply Ask(ushort command, ulong offset, uint length, ushort flags = 0, byte[]? payload = null)
    {
        Send(Request(command, 0xC00C1E, offset, length, flags, payload));
        var reply = ReceiveReply(command == 0 ? (int)length : 0);
        Assert.Equal(0xC00C1Eul, reply.Cookie);
        return reply;
    }

    /// <summary>The next reply; of a simple reply without error the data's length must be known.</summary>
    public Reply ReceiveReply(int dataLength = 0) => ReceiveReply(_ => dataLength);

    public Reply ReceiveReply(Func<ulong, int> dataLength)
    {
        var head = Receive(16);
        var cookie = BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8));
        if (BinaryPrimitives.ReadUInt32BigEndian(head) == 0x67446698)
        {
            var error = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4));
            Assert.False(Structured && dataLength(cookie) > 0, "A READ was answered with a simple reply.");
            return new Reply(cookie, error, error == 0 ? Receive(dataLength(cookie)) : [], "");
        }

        Assert.True(Structured, "A chunk came without having been negotiated.");
        Assert.Equal(0x668e33efu, BinaryPrimitives.ReadUInt32BigEndian(head));
        Assert.Equal(1, BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(4)));
        var type = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(6));
        var body = Receive((int)BinaryPrimitives.ReadUInt32BigEndian(Receive(4)));
        if (type == 1)
            return new Reply(cookie, 0, body[8..], "");
        Assert.Equal(0x8001, type);
        Assert.Equal(body.Length - 6, BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(4)));
        return new Reply(cookie, BinaryPrimitives.ReadUInt32BigEndian(body), [], Encoding.UTF8.GetString(body, 6, body.Length - 6));
    }
}
