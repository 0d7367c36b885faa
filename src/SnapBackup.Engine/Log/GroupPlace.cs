using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Log;

/// <summary>Where a commit group came to lie.</summary>
/// <param name="Log">The number of the log.</param>
/// <param name="SegmentOffset">Where its segment starts on that log, in bytes.</param>
internal readonly record struct GroupPlace(int Log, long SegmentOffset)
{
    /// <summary>What the index says of a version: one without data names its segment, which must be kept for the record.</summary>
    public PreservedVersion VersionOf(in BlockRecord record) => new(
        (PreservedKind)record.Kind, Log, SegmentOffset + record.DataOffset, (uint)record.DataChecksum);
}
