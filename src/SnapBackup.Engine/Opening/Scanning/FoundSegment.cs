using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening.Scanning;

/// <summary>A segment that was in use, as it was found on a log.</summary>
/// <param name="Log">The number of its log.</param>
/// <param name="Index">Which segment of the log it is.</param>
/// <param name="Header">Who owns it.</param>
internal sealed record FoundSegment(int Log, long Index, SegmentHeader Header)
{
    /// <summary>Its records.</summary>
    public List<BlockRecord> Records { get; init; } = [];

    /// <summary>How far it is filled with groups that are whole, in bytes.</summary>
    public int Filled { get; init; }

    /// <summary>The number of its last whole group; 0 for none.</summary>
    public long LastGroup { get; init; }

    /// <summary>Where its last whole group starts, in bytes from the start of the segment; of a closed segment it is not known.</summary>
    public int LastGroupStart { get; init; }

    /// <summary>How many records its last whole group has.</summary>
    public int LastGroupRecords { get; init; }

    /// <summary>How much of it is known to be durable, in bytes: nothing of that can be torn.</summary>
    public int Durable { get; init; }

    /// <summary>Whether it was closed: it has a summary, and nothing is appended to it any more.</summary>
    public bool IsClosed { get; init; }

    /// <summary>What was lost of it; null when nothing was.</summary>
    public string? Damage { get; init; }

    /// <summary>The segment without its last group, which was torn.</summary>
    public FoundSegment WithoutLastGroup() => this with
    {
        Records = Records[..^LastGroupRecords],
        Filled = Records.Count == LastGroupRecords ? 0 : LastGroupStart,
        LastGroup = LastGroup - 1,
    };
}
