using System.Buffers;

namespace SnapBackup.Nbd.Buffers;

/// <summary>
/// An array of the shared pool with a count of those who use it: it goes back when the last lets go. So a request that
/// completes late keeps its bytes where they were received, while the connection goes on.
/// </summary>
internal sealed class PooledBuffer
{
    /// <summary>
    /// The pool rounds up to powers of two and keeps what comes back: for the few large ones that is twice the memory, for good.
    /// </summary>
    private const int LargestPooled = 2 << 20;

    private readonly bool _isPooled;
    private byte[]? _array;
    private int _users = 1;

    private PooledBuffer(byte[] array, bool isPooled)
    {
        _array = array;
        _isPooled = isPooled;
    }

    public byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBuffer));

    /// <summary>Whether the caller, who is one, is the only user. Others can only be added by a user.</summary>
    public bool HasOneUser => Volatile.Read(ref _users) == 1;

    /// <summary>A buffer of at least <paramref name="size"/> bytes; the caller is its first user.</summary>
    public static PooledBuffer Rent(int size) => size <= LargestPooled
        ? new PooledBuffer(ArrayPool<byte>.Shared.Rent(size), isPooled: true)
        : new PooledBuffer(GC.AllocateUninitializedArray<byte>(size), isPooled: false);

    /// <summary>Adds a user; only who is one may.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One user less. Who called it must not touch the array again.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            if (_isPooled)
                ArrayPool<byte>.Shared.Return(Array);
            _array = null;
        }
    }
}
