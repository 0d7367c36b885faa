namespace SnapBackup.Kernel.Freezing;

/// <summary>What was done while file systems were frozen.</summary>
/// <typeparam name="T">What it results in.</typeparam>
/// <param name="Value">The result.</param>
/// <param name="ThawedEarly">Where the file systems are mounted that were thawed before it was done, because the limit was exceeded.</param>
public sealed record FrozenResult<T>(T Value, IReadOnlyList<string> ThawedEarly);
