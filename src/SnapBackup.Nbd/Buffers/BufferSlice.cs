namespace SnapBackup.Nbd.Buffers;

/// <summary>Bytes in a <see cref="PooledBuffer"/>. Who holds a slice is a user of its buffer.</summary>
internal readonly record struct BufferSlice(PooledBuffer Buffer, int Start, int Length)
{
    public int End => Start + Length;

    public Span<byte> Span => Buffer.Array.AsSpan(Start, Length);

    public Memory<byte> Memory => Buffer.Array.AsMemory(Start, Length);

    public void Release() => Buffer.Release();
}
