using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>A segment in use. It belongs to one epoch, is filled from its start, and is never filled again once it was closed.</summary>
internal sealed class Segment(LogVolume log, long index, SegmentHeader header, int size)
{
    private List<BlockRecord>? _records = [];

    public LogVolume Log => log;

    public SegmentHeader Header => header;

    public long Epoch => header.Epoch;

    public SegmentClass Class => header.Class;

    /// <summary>How later segments of the log name this use.</summary>
    public SegmentLink Link => new(index, header.Sequence, header.Epoch, Filled);

    public long Index => index;

    /// <summary>Where it starts on its log, in bytes.</summary>
    public long Offset { get; } = LogLayout.SegmentsOffset + (index * size);

    public int Size => size;

    /// <summary>The salt of the checksums in this use of it.</summary>
    public long Salt { get; } = Checksum.Salt(header.SetId, header.Sequence);

    /// <summary>How far it is filled, in bytes; 0 before its first group.</summary>
    public int Filled { get; private set; }

    /// <summary>The number of its last group.</summary>
    public long LastGroup { get; private set; }

    /// <summary>How many of its records some snapshot still needs. At none it can be released, unless it is pinned.</summary>
    public long LiveRecords { get; set; }

    /// <summary>How many of those have data.</summary>
    public long LiveBlocks { get; set; }

    /// <summary>
    /// Whether versions were moved from it, and readers that found them before may still read here. Such a segment is not released for want of
    /// live records (<see cref="Reclaiming.Compactor"/>).
    /// </summary>
    public bool IsPinned { get; set; }

    /// <summary>Whether something in it cannot be read or has rotted, so that compaction cannot empty it and leaves it alone.</summary>
    public bool ResistsMoving { get; set; }

    /// <summary>Whether it was not released. Asked under <see cref="LogSet.Appending"/>.</summary>
    public bool IsInUse => ReferenceEquals(log.SegmentAt(Offset), this);

    public bool IsOpen => _records is not null;

    /// <summary>Whether its end holds a summary of its records, as that of most that were closed.</summary>
    public bool HasSummary { get; private set; }

    /// <summary>The records of its groups, until it is closed.</summary>
    public IReadOnlyList<BlockRecord> Records => _records ?? throw new InvalidOperationException("A closed segment has forgotten its records.");

    /// <summary>What of it is taken; a closed one has no room.</summary>
    public SegmentRoom Room => _records is null ? default : new SegmentRoom(size, Filled, _records.Count);

    /// <inheritdoc cref="SegmentRoom.Fit"/>
    public int Fit(int withoutData, int withData, int blockSize) => Room.Fit(withoutData, withData, blockSize);

    /// <summary>Takes note that some snapshot needs a record.</summary>
    public void Remember(bool hasData)
    {
        LiveRecords++;
        LiveBlocks += hasData ? 1 : 0;
    }

    /// <summary>Takes note that no snapshot needs a record any more, or not here.</summary>
    public void Forget(bool hasData)
    {
        LiveRecords--;
        LiveBlocks -= hasData ? 1 : 0;
    }

    /// <summary>Takes note of a group that was appended.</summary>
    public void Advance(int length, ReadOnlySpan<BlockRecord> records, long group)
    {
        Filled += length;
        LastGroup = group;
        _records!.AddRange(records);
    }

    /// <summary>Goes on as it was found when the log was opened: open with its records, or closed without them.</summary>
    public void Resume(int filled, long lastGroup, List<BlockRecord>? records, bool hasSummary)
    {
        Filled = filled;
        LastGroup = lastGroup;
        HasSummary = hasSummary;
        _records = records;
    }

    /// <summary>Closes it: nothing is appended to it any more.</summary>
    public void Close(bool hasSummary = false)
    {
        HasSummary = hasSummary;
        _records = null;
    }

    /// <summary>The summary of its records for its end.</summary>
    public byte[] Summarise()
    {
        var bytes = new byte[SegmentSummary.SizeWith(_records!.Count)];
        new SegmentSummary { SegmentSequence = header.Sequence, LastGroup = LastGroup, RecordCount = _records.Count, Filled = Filled }
            .Write(bytes, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_records), Salt);
        return bytes;
    }
}
