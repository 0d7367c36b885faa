using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>What memory said of a segment at one moment. What it is filled with then stays so until it is released.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Filled">How far it was filled, in bytes.</param>
/// <param name="LastGroup">A number that its last group does not exceed.</param>
/// <param name="HasSummary">Whether its end holds a summary.</param>
/// <param name="Records">Its records while it is open; null when it was closed.</param>
internal sealed record SegmentState(Segment Segment, int Filled, long LastGroup, bool HasSummary, List<BlockRecord>? Records)
{
    /// <summary>Takes the state, while nothing is appended.</summary>
    public static SegmentState Of(Segment segment) =>
        new(segment, segment.Filled, segment.LastGroup, segment.HasSummary, segment.IsOpen ? [.. segment.Records] : null);

    public bool IsOpen => Records is not null;

    public bool IsPrivate => Segment.Class == SegmentClass.Private;
}
