namespace SnapBackup.Engine.Log.Format;

/// <summary>Names the use of a segment and what is durable of it, so that its loss is noticed.</summary>
/// <param name="Index">Which segment of its log; -1 for none.</param>
/// <param name="Sequence">The sequence number of that use.</param>
/// <param name="Epoch">The epoch that owned it.</param>
/// <param name="Filled">How far it was filled, at least, in bytes.</param>
internal readonly record struct SegmentLink(long Index, long Sequence, long Epoch, long Filled)
{
    public static SegmentLink None => new(-1, 0, 0, 0);
}
