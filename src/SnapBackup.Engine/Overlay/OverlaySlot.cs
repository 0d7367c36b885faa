using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Overlay;

/// <summary>A place for one block on a log.</summary>
/// <param name="Log">The number of the log.</param>
/// <param name="Offset">Where it is on that log, in bytes; a multiple of 4096.</param>
internal readonly record struct OverlaySlot(int Log, long Offset)
{
    public static OverlaySlot Of(PreservedVersion version) => new(version.Log, version.Offset);

    /// <summary>What the map says of a block that is stored here.</summary>
    public PreservedVersion Holding(ulong checksum) => new(PreservedKind.Data, Log, Offset, (uint)checksum);
}
