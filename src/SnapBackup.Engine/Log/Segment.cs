namespace SnapBackup.Engine.Log;

/// <summary>A piece of a log that one epoch owns and appends to. Used by the one appender only.</summary>
internal sealed class Segment(LogVolume log, long offset, int size, long sequence)
{
    public LogVolume Log => log;

    /// <summary>Its place on the log, in bytes.</summary>
    public long Offset => offset;

    public int Size => size;

    /// <summary>Its number in the set's order of use.</summary>
    public long Sequence => sequence;

    /// <summary>How many bytes have been written; 0 before its header was.</summary>
    public int Filled { get; private set; }

    public int Room => size - Filled;

    public bool IsEmpty => Filled == 0;

    public void Advance(int bytes) => Filled += bytes;
}
