namespace SnapBackup.Engine.Index;

/// <summary>What was preserved of a block. The values are those of the log format.</summary>
internal enum PreservedKind : byte
{
    /// <summary>Its content, in the log.</summary>
    Data = 0,

    /// <summary>That it was all zeros; no data.</summary>
    Zero = 1,

    /// <summary>That the source could not be read: a read of the snapshot fails as a read of the source did.</summary>
    Unreadable = 2,
}
