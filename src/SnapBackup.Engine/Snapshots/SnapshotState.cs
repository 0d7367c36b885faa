namespace SnapBackup.Engine;

/// <summary>What can be said of a snapshot.</summary>
public enum SnapshotState
{
    /// <summary>Every read returns what the source held when it started.</summary>
    Active,

    /// <summary>It was ended on request; reads fail.</summary>
    Ended,

    /// <summary>It could not be kept; reads fail and name why. The source was not affected.</summary>
    Broken,
}
