namespace SnapBackup.Pipeline.Journal;

/// <summary>Something that a run makes, noted before it is made, so that it can be found after a crash.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Where it is.</param>
internal sealed record Leftover(LeftoverKind Kind, string Path);
