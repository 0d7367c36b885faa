namespace SnapBackup.Engine.Log.Format;

/// <summary>What a segment is used for. The values are those of the log format.</summary>
internal enum SegmentClass : byte
{
    /// <summary>What blocks held before they were overwritten, and that their regions changed.</summary>
    Versions = 1,

    /// <summary>Which regions changed, without what they held.</summary>
    Changes = 2,

    /// <summary>What was written to a private overlay: a header, then bare blocks that only memory knows. Free after a restart.</summary>
    Private = 3,

    /// <summary>Nothing: it was given back while its epoch was still needed. The header stays, so that the segment is not missed.</summary>
    Free = 4,
}
