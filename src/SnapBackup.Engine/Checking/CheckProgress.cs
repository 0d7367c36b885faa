namespace SnapBackup.Engine;

/// <summary>How far a check has come.</summary>
/// <param name="Segments">How many segments were dealt with.</param>
/// <param name="SegmentCount">How many there were when it began.</param>
/// <param name="BytesRead">What was read so far.</param>
public readonly record struct CheckProgress(int Segments, int SegmentCount, long BytesRead);
