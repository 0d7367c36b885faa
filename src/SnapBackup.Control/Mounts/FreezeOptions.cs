using SnapBackup.Kernel.Freezing;

namespace SnapBackup.Control.Mounts;

/// <summary>Whether the file systems of attached origins are held still while a snapshot starts, and how long at the most.</summary>
public sealed record FreezeOptions
{
    /// <summary>As usual: they are, for <see cref="FileSystemFreeze.UsualLimit"/> at the most.</summary>
    public static FreezeOptions Usual { get; } = new();

    /// <summary>They are not: what is mounted looks in the snapshot as after a power cut.</summary>
    public static FreezeOptions None { get; } = new() { IsWanted = false };

    /// <summary>Whether they are frozen.</summary>
    public bool IsWanted { get; init; } = true;

    /// <summary>How long their users wait at the most; else the start fails.</summary>
    public TimeSpan Limit { get; init; } = FileSystemFreeze.UsualLimit;
}
