namespace SnapBackup.Archive.Format;

/// <summary>
/// What stands before the frames' digests (16 bytes each, XXH128, big-endian) in the digest table's frame.
/// <code>
/// offset  size  field
///      0     8  signature "SNAPHASH"
/// </code>
/// </summary>
internal static class DigestTableHeader
{
    public const int Size = 8;

    private static ReadOnlySpan<byte> Signature => "SNAPHASH"u8;

    /// <returns>Whether the signature is there.</returns>
    public static bool IsAt(ReadOnlySpan<byte> source) => source.StartsWith(Signature);

    public static void Write(Span<byte> target) => Signature.CopyTo(target);
}
