using System.Buffers.Binary;
using SharpCompress.Compressors.ZStandard;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Format;

/// <summary>
/// Where each frame of an archive is and what it must hold. Invariant: it was checked against the manifest's digests,
/// every frame lies inside the file, and together they cover it without a gap.
/// </summary>
internal sealed class ArchiveIndex
{
    private readonly long[] _offsets;
    private readonly ReadOnlyMemory<byte> _digests;

    private ArchiveIndex(FrameLayout layout, long[] offsets, ReadOnlyMemory<byte> digests)
    {
        Layout = layout;
        _offsets = offsets;
        _digests = digests;
    }

    public FrameLayout Layout { get; }

    public long OffsetOf(int frame) => _offsets[frame];

    public int StoredLengthOf(int frame) => (int)(_offsets[frame + 1] - _offsets[frame]);

    public UInt128 DigestOf(int frame) => BinaryPrimitives.ReadUInt128BigEndian(_digests.Span[(frame * FrameDigest.Size)..]);

    /// <summary>Reads seek table and digest table and checks that they, the manifest and the file's size agree.</summary>
    public static async Task<ArchiveIndex> ReadAsync(IBlockDevice file, ArchiveTail tail, CancellationToken cancellationToken)
    {
        var layout = tail.Manifest.Layout;
        var entries = new byte[(layout.FrameCount + ArchiveTail.ExtraEntries) * SeekTableEntry.Size];
        await file.ReadAsync(tail.SeekTableOffset + SkippableFrameHeader.Size, entries, cancellationToken).ConfigureAwait(false);
        var offsets = CheckSeekTable(file.Name, entries, tail);
        var table = new byte[tail.ManifestOffset - offsets[^1]];
        await file.ReadAsync(offsets[^1], table, cancellationToken).ConfigureAwait(false);
        return new ArchiveIndex(layout, offsets, CheckDigestTable(file.Name, table, tail.Manifest));
    }

    /// <returns>Where each frame of the image starts, and where the last one ends.</returns>
    private static long[] CheckSeekTable(string name, ReadOnlySpan<byte> entries, ArchiveTail tail)
    {
        var layout = tail.Manifest.Layout;
        var ofImage = layout.FrameCount * SeekTableEntry.Size;
        if (FrameDigest.Of(entries[..ofImage]) != tail.Manifest.SeekTableDigest)
            throw ArchiveException.Damaged(name, "its seek table does not match the digest in its manifest");
        var longest = Compressor.GetCompressBound(layout.FrameSize);
        var offsets = new long[layout.FrameCount + 1];
        for (var frame = 0; frame < layout.FrameCount; frame++)
        {
            var entry = SeekTableEntry.Read(entries[(frame * SeekTableEntry.Size)..]);
            if (entry.DecompressedSize != layout.LengthOf(frame))
                throw ArchiveException.Damaged(name, $"its seek table gives frame {frame} a content of {entry.DecompressedSize} bytes");
            if (entry.CompressedSize > longest)
                throw ArchiveException.BeyondLimit(name, $"the stored length of frame {frame}", entry.CompressedSize, longest);
            offsets[frame + 1] = offsets[frame] + entry.CompressedSize;
        }

        var digests = SeekTableEntry.Read(entries[ofImage..]);
        if (digests != new SeekTableEntry((uint)DigestTableLength(layout), 0)
            || offsets[^1] + digests.CompressedSize != tail.ManifestOffset)
        {
            throw ArchiveException.Damaged(name, "the frames of its seek table do not add up to the file");
        }

        return offsets;
    }

    /// <returns>The digests of the frames, one after the other.</returns>
    private static ReadOnlyMemory<byte> CheckDigestTable(string name, ReadOnlyMemory<byte> table, ArchiveManifest manifest)
    {
        var content = table[SkippableFrameHeader.Size..];
        if (SkippableFrameHeader.Read(table.Span) != new SkippableFrameHeader(SkippableFrameHeader.DigestTableMagic, (uint)content.Length)
            || !DigestTableHeader.IsAt(content.Span))
        {
            throw ArchiveException.Damaged(name, "its digest table is not where the seek table says");
        }

        var digests = content[DigestTableHeader.Size..];
        if (FrameDigest.Of(digests.Span) != manifest.ContentDigestValue)
            throw ArchiveException.Damaged(name, "the digests of its frames do not match the digest in its manifest");
        return digests;
    }

    private static int DigestTableLength(FrameLayout layout) =>
        SkippableFrameHeader.Size + DigestTableHeader.Size + (layout.FrameCount * FrameDigest.Size);
}
