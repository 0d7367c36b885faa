using System.Buffers.Binary;
using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>
/// How requests and replies look on a connection. With structured replies READ, BLOCK_STATUS and errors use chunks, while the plain
/// "done" of the other commands may stay simple, and does; with extended headers all is in chunks.
/// </summary>
internal sealed class ReplyFormat(ReplyForm form)
{
    private const int DataOffsetSize = sizeof(ulong);

    /// <summary>The size of a request's header.</summary>
    public int RequestSize => form == ReplyForm.Extended ? ExtendedRequestHeader.Size : RequestHeader.Size;

    private int ChunkHeaderSize => form == ReplyForm.Extended ? ExtendedChunkHeader.Size : ChunkHeader.Size;

    private int ReadHeaderSize => form == ReplyForm.Simple ? SimpleReplyHeader.Size : ChunkHeaderSize + DataOffsetSize;

    private int DoneSize => form == ReplyForm.Extended ? ExtendedChunkHeader.Size : SimpleReplyHeader.Size;

    /// <summary>Reads the header of a request; false when it does not begin with its magic.</summary>
    public bool TryReadRequest(ReadOnlySpan<byte> source, out Request request) =>
        form == ReplyForm.Extended ? ExtendedRequestHeader.TryRead(source, out request) : RequestHeader.TryRead(source, out request);

    /// <summary>The size of the reply to a request that succeeds, BLOCK_STATUS excepted.</summary>
    public int SuccessSize(in Request request) =>
        request.Command == Command.Read ? ReadHeaderSize + (int)request.Length : DoneSize;

    /// <summary>Writes all of that reply but the data.</summary>
    public void WriteSuccess(Span<byte> reply, in Request request)
    {
        if (request.Command == Command.Read && form != ReplyForm.Simple)
        {
            WriteChunkHeader(reply, ChunkFlags.Done, ChunkType.OffsetData, request, DataOffsetSize + (int)request.Length);
            BinaryPrimitives.WriteUInt64BigEndian(reply[ChunkHeaderSize..], request.Offset);
        }
        else if (form == ReplyForm.Extended)
        {
            WriteChunkHeader(reply, ChunkFlags.Done, ChunkType.None, request, 0);
        }
        else
        {
            new SimpleReplyHeader(NbdErrno.None, request.Cookie).Write(reply);
        }
    }

    /// <summary>Where the data goes in the reply to a READ; empty for other commands.</summary>
    public Memory<byte> DataOf(BufferSlice reply, in Request request) =>
        request.Command == Command.Read ? reply.Memory[ReadHeaderSize..] : default;

    /// <summary>The reply to a BLOCK_STATUS: a chunk for each context, in a buffer of its own.</summary>
    public BufferSlice Status(in Request request, IReadOnlyList<StatusPayload> contexts)
    {
        var extended = form == ReplyForm.Extended;
        var size = contexts.Sum(context => ChunkSize(context, extended));
        var reply = new BufferSlice(PooledBuffer.Rent(size), 0, size);
        var rest = reply.Span;
        for (var number = 0; number < contexts.Count; number++)
        {
            var flags = number == contexts.Count - 1 ? ChunkFlags.Done : ChunkFlags.None;
            var chunk = rest[..ChunkSize(contexts[number], extended)];
            WriteStatus(chunk, flags, request, contexts[number]);
            rest = rest[chunk.Length..];
        }

        return reply;
    }

    /// <summary>A reply that says what failed, in a buffer of its own: errors are rare and may come from any thread.</summary>
    public BufferSlice Error(in Request request, NbdErrno error, string message)
    {
        var buffer = PooledBuffer.Rent(ExtendedChunkHeader.Size + ErrorPayload.MaxSize);
        if (form == ReplyForm.Simple)
        {
            new SimpleReplyHeader(error, request.Cookie).Write(buffer.Array);
            return new BufferSlice(buffer, 0, SimpleReplyHeader.Size);
        }

        var length = new ErrorPayload(error, message).Write(buffer.Array.AsSpan(ChunkHeaderSize));
        WriteChunkHeader(buffer.Array, ChunkFlags.Done, ChunkType.Error, request, length);
        return new BufferSlice(buffer, 0, ChunkHeaderSize + length);
    }

    private int ChunkSize(StatusPayload context, bool extended) =>
        ChunkHeaderSize + (extended ? new ExtendedStatusPayload(context.Context, context.Extents).Size : context.Size);

    private void WriteStatus(Span<byte> chunk, ChunkFlags flags, in Request request, StatusPayload context)
    {
        var payload = chunk[ChunkHeaderSize..];
        if (form == ReplyForm.Extended)
        {
            WriteChunkHeader(chunk, flags, ChunkType.ExtendedBlockStatus, request, payload.Length);
            new ExtendedStatusPayload(context.Context, context.Extents).Write(payload);
        }
        else
        {
            WriteChunkHeader(chunk, flags, ChunkType.BlockStatus, request, payload.Length);
            context.Write(payload);
        }
    }

    private void WriteChunkHeader(Span<byte> reply, ChunkFlags flags, ChunkType type, in Request request, int length)
    {
        if (form == ReplyForm.Extended)
            new ExtendedChunkHeader(flags, type, request.Cookie, request.Offset, (ulong)length).Write(reply);
        else
            new ChunkHeader(flags, type, request.Cookie, (uint)length).Write(reply);
    }
}
