namespace SnapBackup.Blocks;

/// <summary>A run of bytes of one kind.</summary>
/// <param name="Length">How many bytes; at least one.</param>
/// <param name="Kind">What they are.</param>
public readonly record struct BlockExtent(long Length, ExtentKind Kind);
