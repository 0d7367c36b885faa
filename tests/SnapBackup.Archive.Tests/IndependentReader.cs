using System.Buffers.Binary;
using SharpCompress.Compressors.ZStandard;

namespace SnapBackup.Archive.Tests;

/// <summary>
/// A reader of the Zstandard seekable format, written from its specification alone and sharing nothing with the product's:
/// it knows no manifest and finds frames by adding up the seek table.
/// </summary>
internal sealed class IndependentReader
{
    private readonly byte[] _file;
    private readonly List<(long Offset, int Length, long Start, int Content)> _frames = [];

    public IndependentReader(byte[] file)
    {
        _file = file;
        var footer = file.AsSpan(file.Length - 9);
        Assert.Equal(0x8F92EAB1u, BinaryPrimitives.ReadUInt32LittleEndian(footer[5..]));
        Assert.Equal(0, footer[4] & 0b0111_1100);
        var entrySize = (footer[4] & 0x80) != 0 ? 12 : 8;
        var count = BinaryPrimitives.ReadInt32LittleEndian(footer);
        var table = file.Length - 9 - (count * entrySize);
        Assert.Equal(0x184D2A5Eu, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(table - 8)));
        Assert.Equal(file.Length - table, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(table - 4)));
        long offset = 0, start = 0;
        for (var entry = table; entry < file.Length - 9; entry += entrySize)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(entry));
            var content = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(entry + 4));
            _frames.Add((offset, length, start, content));
            offset += length;
            start += content;
        }

        Assert.Equal(table - 8, offset);
        Size = start;
    }

    public long Size { get; }

    public byte[] Read(long offset, int count)
    {
        var result = new byte[count];
        foreach (var frame in _frames.Where(frame => frame.Start < offset + count && offset < frame.Start + frame.Content))
        {
            using var stream = new DecompressionStream(new MemoryStream(_file, (int)frame.Offset, frame.Length));
            var content = new byte[frame.Content];
            stream.ReadExactly(content);
            var from = Math.Max(offset, frame.Start);
            var to = Math.Min(offset + count, frame.Start + frame.Content);
            content.AsSpan((int)(from - frame.Start), (int)(to - from)).CopyTo(result.AsSpan((int)(from - offset)));
        }

        return result;
    }
}
