namespace SnapBackup.Engine.Log.Format;

/// <summary>What a point of the catalog is. The values are those of the log format.</summary>
internal enum PointKind : byte
{
    /// <summary>A snapshot, whose content is kept.</summary>
    Snapshot = 1,

    /// <summary>What remains of a snapshot whose changes are kept: the change map from it on.</summary>
    Bookmark = 2,
}
