using System.Buffers.Binary;

namespace SnapBackup.Archive.Format;

/// <summary>
/// What stands before the JSON in the manifest's frame, in every version of the format: a reader of any version can
/// tell an archive of a later one from a damaged one.
/// <code>
/// offset  size  field
///      0     8  signature "SNAPMETA": others may use the same skippable magic number
///      8    16  XXH128 of the JSON, big-endian
/// </code>
/// </summary>
internal readonly record struct ManifestHeader(UInt128 Digest)
{
    public const int Size = DigestOffset + FrameDigest.Size;

    private const int SignatureOffset = 0;
    private const int DigestOffset = SignatureOffset + 8;

    private static ReadOnlySpan<byte> Signature => "SNAPMETA"u8;

    /// <returns>Whether the signature is there.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out ManifestHeader header)
    {
        header = new ManifestHeader(BinaryPrimitives.ReadUInt128BigEndian(source[DigestOffset..]));
        return source[SignatureOffset..].StartsWith(Signature);
    }

    public void Write(Span<byte> target)
    {
        Signature.CopyTo(target[SignatureOffset..]);
        BinaryPrimitives.WriteUInt128BigEndian(target[DigestOffset..], Digest);
    }
}
