namespace SnapBackup.Engine;

/// <summary>What a check found something wrong with.</summary>
public enum CheckFindingKind
{
    /// <summary>A log has failed and is only read since.</summary>
    LogFailure,

    /// <summary>A superblock slot of a log.</summary>
    Superblock,

    /// <summary>A catalog slot of a log.</summary>
    Catalog,

    /// <summary>The header of a segment in use.</summary>
    SegmentHeader,

    /// <summary>A use of a segment that a later segment names is not to be found.</summary>
    SegmentLink,

    /// <summary>The header or the records of a commit group.</summary>
    CommitGroup,

    /// <summary>The summary at the end of a closed segment.</summary>
    SegmentSummary,

    /// <summary>The data of a preserved block.</summary>
    PreservedBlock,

    /// <summary>A stored page of the change map.</summary>
    ChangePage,

    /// <summary>The device's knowledge of which segments are in use, and by whom.</summary>
    SegmentTable,

    /// <summary>The device's knowledge of where preserved blocks are.</summary>
    Index,

    /// <summary>The device's knowledge of which regions changed.</summary>
    ChangeMap,
}
