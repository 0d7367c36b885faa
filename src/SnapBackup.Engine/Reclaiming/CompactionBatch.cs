using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Reclaiming;

/// <summary>Segments whose live versions find room in one.</summary>
/// <param name="Target">The log that gives that one.</param>
/// <param name="Sources">The segments, of epochs that are one in memory.</param>
/// <param name="LargestGroup">How many records are moved at a time at the most.</param>
internal sealed record CompactionBatch(LogVolume Target, IReadOnlyList<Segment> Sources, int LargestGroup)
{
    /// <summary>How many bytes there will be more.</summary>
    public long Gain => Sources.Sum(segment => (long)segment.Size) - Target.SegmentSize;
}
