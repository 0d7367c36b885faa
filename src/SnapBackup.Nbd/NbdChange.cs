namespace SnapBackup.Nbd;

/// <summary>A part of an export that was, or may have been, written.</summary>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">How many bytes; at least one.</param>
public readonly record struct NbdChange(long Offset, long Length);
