using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>
/// A commit group being put together: one buffer in which segment header, group header, records and data lie as they
/// will on the log, so that one write stores them. Used again and again by the one appender.
/// </summary>
/// <remarks>
/// The caller reads old blocks straight into <see cref="Staging"/>, in order, and then says of each in the same order
/// what it was; data moves down over the places of blocks that need none.
/// </remarks>
internal sealed class CommitGroup
{
    private readonly int _blockSize;
    private readonly byte[] _buffer;
    private readonly int _dataStart;
    private readonly BlockRecord[] _records;
    private int _count;
    private int _dataBlocks;

    public CommitGroup(int blockSize, int capacity)
    {
        _blockSize = blockSize;
        _records = new BlockRecord[capacity];
        _dataStart = SegmentHeader.Size + GroupHeader.SizeWith(capacity);
        _buffer = GC.AllocateUninitializedArray<byte>(_dataStart + (capacity * blockSize), pinned: true);
    }

    public int Capacity => _records.Length;

    public ReadOnlySpan<BlockRecord> Records => _records.AsSpan(0, _count);

    public int DataBlocks => _dataBlocks;

    public int DataLength => _dataBlocks * _blockSize;

    public void Clear()
    {
        _count = 0;
        _dataBlocks = 0;
    }

    /// <summary>Where the block at a position of the group is read to, and those after it.</summary>
    public Memory<byte> Staging(int position, int blocks) =>
        _buffer.AsMemory(_dataStart + (position * _blockSize), blocks * _blockSize);

    /// <summary>Takes the next staged block into the group.</summary>
    public void Add(long block, bool readable)
    {
        var staged = Staging(_count, 1).Span;
        if (!readable)
            AddRecord(block, PreservedKind.Unreadable, 0, 0);
        else if (!staged.ContainsAnyExcept((byte)0))
            AddRecord(block, PreservedKind.Zero, 0, 0);
        else
            AddData(block, staged);
    }

    /// <summary>Writes the headers in front of the data.</summary>
    /// <param name="segmentHeader">The header of the segment, when this group is its first.</param>
    /// <param name="segmentSequence">The sequence number of the segment.</param>
    /// <param name="number">The number of the group.</param>
    /// <returns>What is to be written; valid until the next <see cref="Clear"/>.</returns>
    public ReadOnlyMemory<byte> Seal(SegmentHeader? segmentHeader, long segmentSequence, long number)
    {
        var start = _dataStart - GroupHeader.SizeWith(_count);
        for (var i = 0; i < _count; i++)
            _records[i].Write(_buffer.AsSpan(start + GroupHeader.Size + (i * BlockRecord.Size)));
        new GroupHeader
        {
            SegmentSequence = segmentSequence,
            Number = number,
            RecordCount = _count,
            DataBlocks = _dataBlocks,
        }.Write(_buffer.AsSpan(start));
        if (segmentHeader is { } header)
        {
            start -= SegmentHeader.Size;
            header.Write(_buffer.AsSpan(start));
        }

        return _buffer.AsMemory(start, _dataStart + DataLength - start);
    }

    /// <summary>Where the block of a record lies, once the group has its place.</summary>
    public PreservedVersion VersionOf(in BlockRecord record, GroupPlace place) => record.Kind == PreservedKind.Data
        ? new PreservedVersion(
            PreservedKind.Data, place.Log, place.DataOffset + ((long)record.DataIndex * _blockSize), (uint)record.DataChecksum)
        : new PreservedVersion(record.Kind, 0, 0, 0);

    private void AddData(long block, Span<byte> staged)
    {
        if (_dataBlocks != _count)
            staged.CopyTo(Staging(_dataBlocks, 1).Span);
        AddRecord(block, PreservedKind.Data, Checksum.Of(staged), _dataBlocks);
        _dataBlocks++;
    }

    private void AddRecord(long block, PreservedKind kind, ulong checksum, int dataIndex) =>
        _records[_count++] = new BlockRecord { Block = block, Kind = kind, DataChecksum = checksum, DataIndex = dataIndex };
}
