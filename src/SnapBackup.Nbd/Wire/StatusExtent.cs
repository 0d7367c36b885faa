namespace SnapBackup.Nbd.Wire;

/// <summary>A run of bytes that have the same status in a context.</summary>
/// <param name="Length">How many bytes; at least one.</param>
/// <param name="Status">What they are; what its bits mean is the context's affair.</param>
internal readonly record struct StatusExtent(long Length, uint Status);
