namespace SnapBackup.Engine.Log.Format;

/// <summary>What a record of a commit group says. The values are those of the log format.</summary>
internal enum RecordKind : byte
{
    /// <summary>What a block held: its data follows.</summary>
    Data = 0,

    /// <summary>That a block was all zeros.</summary>
    Zero = 1,

    /// <summary>That the source could not be read when the block was to be preserved.</summary>
    Unreadable = 2,

    /// <summary>That the region which starts at this block changed.</summary>
    Changed = 3,

    /// <summary>A page of the change map: its bits follow, in the space of one block.</summary>
    ChangePage = 4,
}
