using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>
/// A commit group being put together: one buffer in which segment header, group header, records and data lie as they
/// will on the log, so that one write stores them. Used again and again by one appender.
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
    private int _staged;
    private int _dataBlocks;

    /// <summary>Makes an empty group.</summary>
    /// <param name="blockSize">The block size in bytes.</param>
    /// <param name="capacity">How many records it can take.</param>
    public CommitGroup(int blockSize, int capacity)
    {
        _blockSize = blockSize;
        _records = new BlockRecord[capacity];
        _dataStart = SegmentHeader.Room + GroupHeader.SizeWith(capacity);
        _buffer = GC.AllocateUninitializedArray<byte>(_dataStart + (capacity * blockSize), pinned: true);
    }

    public int Capacity => _records.Length;

    public ReadOnlySpan<BlockRecord> Records => _records.AsSpan(0, _count);

    public void Clear()
    {
        _count = 0;
        _staged = 0;
        _dataBlocks = 0;
    }

    /// <summary>Where the block at a position among those that are staged is read to, and those after it.</summary>
    public Memory<byte> Staging(int position, int blocks) =>
        _buffer.AsMemory(_dataStart + (position * _blockSize), blocks * _blockSize);

    /// <summary>Takes the next staged block into the group.</summary>
    public void AddVersion(long block, bool readable)
    {
        var staged = Staging(_staged++, 1).Span;
        if (!readable)
            Add(new BlockRecord { Block = block, Kind = RecordKind.Unreadable });
        else if (!staged.ContainsAnyExcept((byte)0))
            Add(new BlockRecord { Block = block, Kind = RecordKind.Zero });
        else
            AddData(block, RecordKind.Data, staged);
    }

    /// <summary>Says that the region that starts at a block changes.</summary>
    public void AddChange(long block) => Add(new BlockRecord { Block = block, Kind = RecordKind.Changed });

    /// <summary>Takes a page of the change map into the group.</summary>
    public void AddPage(long page, ReadOnlySpan<byte> bits) => AddBytes(page, RecordKind.ChangePage, bits);

    /// <summary>Takes a version into the group that was stored before.</summary>
    /// <param name="record">Its record.</param>
    /// <param name="data">Its data, if it has some.</param>
    public void AddCopy(in BlockRecord record, ReadOnlySpan<byte> data)
    {
        if (record.HasData)
            AddBytes(record.Block, record.Kind, data);
        else
            Add(new BlockRecord { Block = record.Block, Kind = record.Kind });
    }

    /// <summary>Writes the headers in front of the data.</summary>
    /// <param name="segment">The segment that the group is appended to; as its first group it brings the segment's header along.</param>
    /// <param name="number">The number of the group.</param>
    /// <returns>What is to be written at the end of what is filled; valid until the next <see cref="Clear"/>.</returns>
    public ReadOnlyMemory<byte> Seal(Segment segment, long number)
    {
        var start = _dataStart - GroupHeader.SizeWith(_count);
        WriteRecords(start, Math.Max(segment.Filled, SegmentHeader.Room) + GroupHeader.SizeWith(_count));
        new GroupHeader
        {
            SegmentSequence = segment.Header.Sequence,
            Number = number,
            RecordCount = _count,
            DataBlocks = _dataBlocks,
            Epoch = segment.Epoch,
            Class = segment.Class,
        }.Write(_buffer.AsSpan(start), segment.Salt);
        if (segment.Filled == 0)
        {
            start -= SegmentHeader.Room;
            _buffer.AsSpan(start, SegmentHeader.Room).Clear();
            segment.Header.Write(_buffer.AsSpan(start));
        }

        return _buffer.AsMemory(start, _dataStart + (_dataBlocks * _blockSize) - start);
    }

    private void WriteRecords(int groupStart, int dataInSegment)
    {
        var unit = dataInSegment / LogLayout.Alignment;
        for (var i = 0; i < _count; i++)
        {
            ref var record = ref _records[i];
            if (record.HasData)
            {
                record = record with { DataUnit = unit };
                unit += _blockSize / LogLayout.Alignment;
            }

            record.Write(_buffer.AsSpan(groupStart + GroupHeader.Size + (i * BlockRecord.Size)));
        }
    }

    private void AddBytes(long block, RecordKind kind, ReadOnlySpan<byte> data)
    {
        var staged = Staging(_staged++, 1).Span;
        data.CopyTo(staged);
        AddData(block, kind, staged);
    }

    private void AddData(long block, RecordKind kind, Span<byte> staged)
    {
        if (_dataBlocks != _staged - 1)
            staged.CopyTo(Staging(_dataBlocks, 1).Span);
        Add(new BlockRecord { Block = block, Kind = kind, DataChecksum = Checksum.Of(staged) });
        _dataBlocks++;
    }

    private void Add(in BlockRecord record) => _records[_count++] = record;
}
