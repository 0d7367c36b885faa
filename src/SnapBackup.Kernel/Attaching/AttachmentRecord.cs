using SnapBackup.Blocks;

namespace SnapBackup.Kernel.Attaching;

/// <summary>What is registered of an attachment before it is made, so that it can be undone by whoever comes after a crash.</summary>
public sealed record AttachmentRecord
{
    /// <summary>What tells it from others.</summary>
    public required Guid Id { get; init; }

    /// <summary>The process that serves the export: without it the block device gives nothing but errors.</summary>
    public required ProcessIdentity Owner { get; init; }

    /// <summary>What is attached.</summary>
    public required ExportAddress Export { get; init; }

    /// <summary>How.</summary>
    public required AttachmentMethod Method { get; init; }

    /// <summary>The folder in which nbdfuse shows the export as a file; null for the nbd module.</summary>
    public string? FuseFolder { get; init; }

    /// <summary>The nbdfuse process; null until it runs.</summary>
    public ProcessIdentity? FuseProcess { get; init; }

    /// <summary>What <c>/sys/block/nbdN/pid</c> says of who connected the nbd device; null until it is connected.</summary>
    public string? NbdClient { get; init; }

    /// <summary>The block device; null until there is one.</summary>
    public string? BlockDevice { get; init; }

    /// <summary>The folder that was made to mount on, and goes with the attachment; null when it was there.</summary>
    public string? MadeMountPoint { get; init; }
}
