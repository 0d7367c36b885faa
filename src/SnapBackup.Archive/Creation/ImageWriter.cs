using System.Buffers.Binary;
using SnapBackup.Archive.Format;

namespace SnapBackup.Archive.Creation;

/// <summary>
/// Writes an archive from its first byte to its last: frames in the image's order, digest table, manifest, seek table.
/// One call at a time.
/// </summary>
internal sealed class ImageWriter(Stream output, FrameLayout layout)
{
    private readonly byte[] _entries = new byte[(layout.FrameCount + ArchiveTail.ExtraEntries) * SeekTableEntry.Size];
    private readonly byte[] _digests = new byte[layout.FrameCount * FrameDigest.Size];
    private int _frames;
    private int _entryCount;

    /// <summary>Writes the next frame of the image.</summary>
    public void WriteFrame(StoredFrame frame)
    {
        output.Write(frame.Bytes.Span);
        BinaryPrimitives.WriteUInt128BigEndian(_digests.AsSpan(_frames * FrameDigest.Size), frame.Digest);
        AddEntry(frame.Bytes.Length, layout.LengthOf(_frames));
        _frames++;
    }

    /// <summary>Writes what follows the last frame.</summary>
    /// <param name="manifest">What is known before the content; its digests are filled in.</param>
    public void Complete(ArchiveManifest manifest)
    {
        manifest = manifest with
        {
            ContentDigestValue = FrameDigest.Of(_digests),
            SeekTableDigest = FrameDigest.Of(_entries.AsSpan(0, layout.FrameCount * SeekTableEntry.Size)),
        };
        WriteDigestTable();
        WriteManifest(UnverifiedManifest.ToJson(manifest));
        WriteSeekTable();
    }

    private void WriteDigestTable()
    {
        Span<byte> header = stackalloc byte[DigestTableHeader.Size];
        DigestTableHeader.Write(header);
        WriteSkippable(SkippableFrameHeader.DigestTableMagic, header, _digests);
    }

    private void WriteManifest(byte[] json)
    {
        Span<byte> header = stackalloc byte[ManifestHeader.Size];
        new ManifestHeader(FrameDigest.Of(json)).Write(header);
        WriteSkippable(SkippableFrameHeader.ManifestMagic, header, json);
    }

    private void WriteSeekTable()
    {
        Span<byte> footer = stackalloc byte[SeekTableFooter.Size];
        new SeekTableFooter((uint)_entryCount, Descriptor: 0).Write(footer);
        WriteHeader(SkippableFrameHeader.SeekTableMagic, _entries.Length + footer.Length);
        output.Write(_entries);
        output.Write(footer);
    }

    /// <summary>
    /// The seek table has an entry for each frame before it, also for the skippable ones: a reader finds offsets by adding up.
    /// </summary>
    private void WriteSkippable(uint magic, ReadOnlySpan<byte> header, ReadOnlySpan<byte> content)
    {
        WriteHeader(magic, header.Length + content.Length);
        output.Write(header);
        output.Write(content);
        AddEntry(SkippableFrameHeader.Size + header.Length + content.Length, 0);
    }

    private void WriteHeader(uint magic, int length)
    {
        Span<byte> header = stackalloc byte[SkippableFrameHeader.Size];
        new SkippableFrameHeader(magic, (uint)length).Write(header);
        output.Write(header);
    }

    private void AddEntry(int compressedSize, int decompressedSize) =>
        new SeekTableEntry((uint)compressedSize, (uint)decompressedSize).Write(_entries.AsSpan(_entryCount++ * SeekTableEntry.Size));
}
