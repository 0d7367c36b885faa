namespace SnapBackup.Engine.Index;

/// <summary>
/// Spreads block numbers over 64 bits, so that any bits of the result choose a place evenly.
/// </summary>
/// <remarks>
/// Two multiplications by the golden ratio with a fold between them. One alone spreads a plain sequence better than
/// chance but has bad strides: with every 32768th block written, probes average 30 instead of 3. Disks are written in strides
/// (block groups, stripes), so what counts is that no pattern does worse than random block numbers.
/// </remarks>
internal static class BlockHash
{
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(long block)
    {
        var hash = (ulong)block * GoldenRatio;
        hash ^= hash >> 32;
        return hash * GoldenRatio;
    }
}
