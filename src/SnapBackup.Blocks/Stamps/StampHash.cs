using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using SnapBackup.Blocks.Linux;

namespace SnapBackup.Blocks.Stamps;

/// <summary>A field of a stamp in the making: XXH3 over values, each of which says how long it is.</summary>
internal sealed class StampHash
{
    private readonly XxHash3 _hash = new();

    public ulong Value => _hash.GetCurrentHashAsUInt64();

    public StampHash Add(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _hash.Append(bytes);
        return this;
    }

    public StampHash Add(StatxTimestamp time) => Add(time.Seconds).Add(time.Nanoseconds);

    public StampHash Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _hash.Append(bytes);
        return this;
    }

    public StampHash Add(string text) => Add(MemoryMarshal.AsBytes(text.AsSpan()));
}
