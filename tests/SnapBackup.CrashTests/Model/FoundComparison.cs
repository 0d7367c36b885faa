namespace SnapBackup.CrashTests.Model;

/// <summary>What a device says that changed.</summary>
/// <param name="From">The older snapshot or bookmark.</param>
/// <param name="To">The newer one; null for the source as it is.</param>
/// <param name="Ranges">The ranges, in bytes; null when it says that it does not know.</param>
internal sealed record FoundComparison(string From, string? To, IReadOnlyList<(long Offset, long Length)>? Ranges);
