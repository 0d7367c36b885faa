namespace SnapBackup.Engine.Log;

/// <summary>Where a commit group came to lie.</summary>
/// <param name="Log">The number of the log.</param>
/// <param name="DataOffset">Where its data starts on that log, in bytes.</param>
/// <param name="BytesWritten">What was written for it, headers included.</param>
internal readonly record struct GroupPlace(int Log, long DataOffset, int BytesWritten);
