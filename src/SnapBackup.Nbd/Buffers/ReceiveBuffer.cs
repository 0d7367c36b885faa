namespace SnapBackup.Nbd.Buffers;

/// <summary>
/// What was received and not yet taken, in one contiguous piece. One thread uses it. Payloads are handed out where
/// they lie; while one is still in use its bytes are left alone and receiving goes on behind it or in a new buffer.
/// </summary>
internal sealed class ReceiveBuffer(ClientStream client) : IDisposable
{
    /// <summary>The most that can be contiguous. Two full socket buffers of Linux's default size would not fit, one does.</summary>
    public const int Capacity = 256 << 10;

    /// <summary>A receive with less room than this would cost a system call for little.</summary>
    private const int LeastRoom = Capacity / 4;

    private PooledBuffer _buffer = PooledBuffer.Rent(Capacity);
    private int _start;
    private int _end;

    /// <summary>How many bytes are there to take.</summary>
    public int Count => _end - _start;

    /// <summary>The bytes there are, until the next call that receives.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.Array.AsSpan(_start, Count);

    /// <summary>Gives up the buffer; slices handed out stay valid.</summary>
    public void Dispose() => _buffer.Release();

    /// <summary>Bytes that are there, without taking them. The slice does not count as a user until it is retained.</summary>
    public BufferSlice Peek(int offset, int length) => new(_buffer, _start + offset, length);

    /// <summary>Takes bytes that are there.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Waits for more bytes.</summary>
    /// <param name="needed">How many the caller must have contiguously before it can go on; at most <see cref="Capacity"/>.</param>
    /// <returns>False at the end of the stream.</returns>
    public bool Receive(int needed)
    {
        MakeRoom(needed);
        var count = client.Receive(_buffer.Array.AsSpan(_end, Capacity - _end));
        _end += count;
        return count > 0;
    }

    /// <summary>Waits until so many bytes are there.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before.</exception>
    public ReadOnlySpan<byte> Require(int needed)
    {
        while (Count < needed)
        {
            if (!Receive(needed))
                throw new EndOfStreamException();
        }

        return Unread[..needed];
    }

    /// <summary>Fills a destination of any length, past this buffer where it can.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before.</exception>
    public void ReadExactly(Span<byte> destination)
    {
        var buffered = Math.Min(Count, destination.Length);
        Unread[..buffered].CopyTo(destination);
        Consume(buffered);
        destination = destination[buffered..];
        while (destination.Length > 0)
        {
            var count = client.Receive(destination);
            if (count == 0)
                throw new EndOfStreamException();
            destination = destination[count..];
        }
    }

    /// <summary>Throws away bytes that are there or still to come.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before.</exception>
    public void Skip(long count)
    {
        while (count > Count)
        {
            count -= Count;
            Consume(Count);
            if (!Receive(1))
                throw new EndOfStreamException();
        }

        Consume((int)count);
    }

    private void MakeRoom(int needed)
    {
        if (_buffer.HasOneUser)
        {
            if (_start == 0)
                return;
            Unread.CopyTo(_buffer.Array);
        }
        else
        {
            if (Capacity - _start >= needed && Capacity - _end >= LeastRoom)
                return;
            var next = PooledBuffer.Rent(Capacity);
            Unread.CopyTo(next.Array);
            _buffer.Release();
            _buffer = next;
        }

        _end = Count;
        _start = 0;
    }
}
