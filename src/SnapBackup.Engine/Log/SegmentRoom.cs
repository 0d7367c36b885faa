using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>How much of a segment is taken, in numbers: enough to tell what still fits.</summary>
/// <param name="Size">The size of the segment in bytes.</param>
/// <param name="Filled">How far it is filled, in bytes; 0 before its first group.</param>
/// <param name="Records">How many records it holds, which will stand in its summary again.</param>
internal readonly record struct SegmentRoom(int Size, int Filled, int Records)
{
    /// <summary>How many of some records fit as one group, taken from the front, where those without data come first.</summary>
    public int Fit(int withoutData, int withData, int blockSize)
    {
        var (least, most) = (0, withoutData + withData);
        while (least < most)
        {
            var middle = (least + most + 1) / 2;
            if (FilledWith(middle, Math.Max(0, middle - withoutData), blockSize) + SegmentSummary.SizeWith(Records + middle) <= Size)
                least = middle;
            else
                most = middle - 1;
        }

        return least;
    }

    /// <summary>Whether records fit as one group after the other, of so many records at the most, those without data first.</summary>
    public bool FitsAll(int withoutData, int withData, int largestGroup, int blockSize)
    {
        var room = this;
        while (withoutData + withData > 0)
        {
            var zeros = Math.Min(withoutData, largestGroup);
            var blocks = Math.Min(withData, largestGroup - zeros);
            if (room.Fit(zeros, blocks, blockSize) < zeros + blocks)
                return false;
            room = room.After(zeros + blocks, blocks, blockSize);
            withoutData -= zeros;
            withData -= blocks;
        }

        return true;
    }

    /// <summary>The room that is left after a group that fits.</summary>
    public SegmentRoom After(int records, int blocksOfData, int blockSize) =>
        new(Size, (int)FilledWith(records, blocksOfData, blockSize), Records + records);

    private long FilledWith(int records, int blocksOfData, int blockSize) =>
        Math.Max(Filled, SegmentHeader.Room) + GroupHeader.SizeWith(records) + ((long)blocksOfData * blockSize);
}
