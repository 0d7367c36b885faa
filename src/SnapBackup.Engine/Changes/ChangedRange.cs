namespace SnapBackup.Engine;

/// <summary>A part of a source that was, or may have been, written.</summary>
/// <param name="Offset">Where it begins on the source, in bytes; a multiple of the change granularity.</param>
/// <param name="Length">How long it is, in bytes; more than 0 and never beyond the end of the source.</param>
public readonly record struct ChangedRange(long Offset, long Length);
