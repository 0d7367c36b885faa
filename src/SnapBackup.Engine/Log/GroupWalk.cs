using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>Walks over the commit groups of a segment, from the first one on, as far as each has its checksum.</summary>
/// <param name="segment">The segment's bytes, to where the walk is to end at the latest.</param>
/// <param name="salt">The salt of the segment's use, <see cref="Checksum.Salt"/>.</param>
/// <param name="blockSize">The block size in bytes.</param>
internal ref struct GroupWalk(ReadOnlySpan<byte> segment, long salt, int blockSize)
{
    private readonly ReadOnlySpan<byte> _segment = segment;

    /// <summary>The group that was found last; all zero before the first.</summary>
    public GroupHeader Group { get; private set; }

    /// <summary>Where it starts, in bytes from the start of the segment.</summary>
    public int Start { get; private set; }

    /// <summary>Where the next one is expected.</summary>
    public int End { get; private set; } = SegmentHeader.Room;

    /// <summary>Whether the walk came to a group that has its checksum and cannot be one that was written here.</summary>
    public bool IsContradiction { get; private set; }

    /// <summary>Goes to the next group.</summary>
    /// <param name="records">Gets its records added.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryNext(List<BlockRecord> records)
    {
        if (End >= _segment.Length || !GroupHeader.TryRead(_segment[End..], salt, out var group))
            return false;
        var length = GroupHeader.SizeWith(group.RecordCount) + ((long)group.DataBlocks * blockSize);
        if (group.Number <= Group.Number || End + length > _segment.Length
            || !BlockRecord.TryReadAll(_segment[(End + GroupHeader.Size)..], group.RecordCount, records))
        {
            IsContradiction = true;
            return false;
        }

        (Group, Start) = (group, End);
        End += (int)length;
        return true;
    }

    /// <summary>After the walk has ended, looks for a group further on, which tells that some before it are gone, and goes on there.</summary>
    /// <param name="number">Its number.</param>
    public bool TrySkipToLater(out long number)
    {
        for (var at = End + LogLayout.Alignment; at < _segment.Length; at += LogLayout.Alignment)
        {
            if (GroupHeader.TryRead(_segment[at..], salt, out var group))
            {
                (End, number) = (at, group.Number);
                return true;
            }
        }

        number = 0;
        return false;
    }
}
