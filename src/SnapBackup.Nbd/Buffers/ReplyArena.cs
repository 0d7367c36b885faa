namespace SnapBackup.Nbd.Buffers;

/// <summary>
/// Where replies are put together, one behind the other, so that the ready ones go out in one piece. One thread uses it.
/// </summary>
internal sealed class ReplyArena : IDisposable
{
    /// <summary>How many bytes of replies lie together.</summary>
    public const int Capacity = 256 << 10;

    private PooledBuffer _buffer = PooledBuffer.Rent(Capacity);
    private int _used;

    /// <summary>Gives up the buffer; reserved slices stay valid.</summary>
    public void Dispose() => _buffer.Release();

    /// <summary>Room for a reply, of which the caller is a user; null when the arena is full of replies that wait to be sent.</summary>
    public BufferSlice? TryReserve(int size)
    {
        if (_buffer.HasOneUser)
            _used = 0;
        if (Capacity - _used < size)
            return null;
        _buffer.Retain();
        var slice = new BufferSlice(_buffer, _used, size);
        _used += size;
        return slice;
    }

    /// <summary>Room for a reply of any size, in a new buffer if need be.</summary>
    public BufferSlice Reserve(int size)
    {
        if (TryReserve(size) is { } slice)
            return slice;
        if (size > Capacity)
            return new BufferSlice(PooledBuffer.Rent(size), 0, size);
        _buffer.Release();
        _buffer = PooledBuffer.Rent(Capacity);
        _used = 0;
        return Reserve(size);
    }
}
