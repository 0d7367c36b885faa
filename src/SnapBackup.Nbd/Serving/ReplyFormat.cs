using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// How replies look on a connection. With structured replies negotiated, READ and errors use chunks; the plain
/// "done" of the other commands may stay simple, and does.
/// </summary>
internal readonly struct ReplyFormat(bool structured)
{
    private int ReadHeaderSize => structured ? OffsetDataChunk.Size : SimpleReplyHeader.Size;

    /// <summary>The size of the reply to a request that succeeds.</summary>
    public int SuccessSize(in RequestHeader request) =>
        request.Command == Command.Read ? ReadHeaderSize + (int)request.Length : SimpleReplyHeader.Size;

    /// <summary>Writes all of that reply but the data.</summary>
    public void WriteSuccess(Span<byte> reply, in RequestHeader request)
    {
        if (structured && request.Command == Command.Read)
            new OffsetDataChunk(request.Cookie, request.Offset, request.Length).Write(reply);
        else
            new SimpleReplyHeader(NbdErrno.None, request.Cookie).Write(reply);
    }

    /// <summary>Where the data goes in the reply to a READ; empty for other commands.</summary>
    public Memory<byte> DataOf(BufferSlice reply, in RequestHeader request) =>
        request.Command == Command.Read ? reply.Memory[ReadHeaderSize..] : default;

    /// <summary>A reply that says what failed, in a buffer of its own: errors are rare and may come from any thread.</summary>
    public BufferSlice Error(ulong cookie, NbdErrno error, string message)
    {
        var buffer = PooledBuffer.Rent(ErrorChunk.MaxSize);
        if (structured)
            return new BufferSlice(buffer, 0, new ErrorChunk(cookie, error, message).Write(buffer.Array));
        new SimpleReplyHeader(error, cookie).Write(buffer.Array);
        return new BufferSlice(buffer, 0, SimpleReplyHeader.Size);
    }
}
