namespace SnapBackup.Archive;

/// <summary>A part of the image that an archive no longer holds.</summary>
/// <param name="Offset">Where in the image it starts, in bytes.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Problem">What was found instead.</param>
public sealed record DamagedFrame(long Offset, int Length, string Problem);
