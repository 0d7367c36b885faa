using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Reclaiming;

/// <summary>A version as it is stored.</summary>
/// <param name="Source">The segment in which it is.</param>
/// <param name="Record">Its record there.</param>
/// <param name="Data">Its data; empty when it has none.</param>
internal readonly record struct StoredVersion(Segment Source, BlockRecord Record, ReadOnlyMemory<byte> Data)
{
    /// <summary>What the index says of it.</summary>
    public PreservedVersion Version => new GroupPlace(Source.Log.Number, Source.Offset).VersionOf(Record);
}
