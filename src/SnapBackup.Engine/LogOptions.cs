namespace SnapBackup.Engine;

/// <summary>One log of a snap device: a file or block device that takes preserved blocks.</summary>
public sealed record LogOptions
{
    /// <summary>The path of the file or block device.</summary>
    public required string Path { get; init; }

    /// <summary>The size in bytes of the file to create when nothing exists at the path; its space is allocated at once. One that exists has
    /// this size, or has grown.</summary>
    public long? Size { get; init; }

    /// <summary>
    /// The size in bytes that the file may grow to as it fills; left out, it does not grow. Only files grow. It may be another one each time the
    /// device is opened; a file never gets smaller.
    /// </summary>
    public long? GrowTo { get; init; }

    /// <summary>
    /// Whether content that is not a log of ours may be overwritten. Without it such a file or device is refused.
    /// </summary>
    public bool DiscardContent { get; init; }
}
