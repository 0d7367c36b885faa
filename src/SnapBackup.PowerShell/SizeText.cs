using SnapBackup.Blocks;

namespace SnapBackup.PowerShell;

/// <summary>Sizes as the views of the module show them.</summary>
public static class SizeText
{
    /// <summary>A number of bytes with the largest unit that leaves a number of at least one; nothing when there is none.</summary>
    /// <param name="bytes">The number.</param>
    public static string Of(long? bytes) => bytes is { } known ? new ByteSize(known).ToString() : "";
}
