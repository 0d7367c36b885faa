using System.Buffers.Binary;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Format;

/// <summary>
/// The end of an archive: manifest and footer, found by three small reads whatever the archive's size. Nothing before
/// the manifest was looked at yet; <see cref="ArchiveIndex"/> does that.
/// </summary>
/// <param name="Manifest">The manifest, checked in itself.</param>
/// <param name="ManifestOffset">Where the manifest's frame starts.</param>
/// <param name="SeekTableOffset">Where the seek table's frame starts, which is where the manifest's ends.</param>
internal sealed record ArchiveTail(ArchiveManifest Manifest, long ManifestOffset, long SeekTableOffset)
{
    /// <summary>The entries beyond those of the image's frames: digest table and manifest.</summary>
    public const int ExtraEntries = 2;

    private const uint ZstdFrameMagic = 0xFD2FB528;
    private const int ManifestOverhead = SkippableFrameHeader.Size + ManifestHeader.Size;

    /// <summary>Reads and checks the end of an archive.</summary>
    /// <exception cref="ArchiveException">The file is no archive, was cut, is damaged or of a later version.</exception>
    public static async Task<ArchiveTail> ReadAsync(IBlockDevice file, CancellationToken cancellationToken)
    {
        if (file.Size < SeekTableFooter.Size + SeekTableEntry.Size)
            throw await CutOrForeignAsync(file, cancellationToken).ConfigureAwait(false);
        var end = new byte[SeekTableEntry.Size + SeekTableFooter.Size];
        await file.ReadAsync(file.Size - end.Length, end, cancellationToken).ConfigureAwait(false);
        if (!SeekTableFooter.TryRead(end.AsSpan(SeekTableEntry.Size), out var footer))
            throw await CutOrForeignAsync(file, cancellationToken).ConfigureAwait(false);

        var seekTableOffset = await LocateSeekTableAsync(file, footer, cancellationToken).ConfigureAwait(false);
        var manifestEntry = SeekTableEntry.Read(end);
        var manifest = await ReadManifestAsync(file, manifestEntry, seekTableOffset, cancellationToken).ConfigureAwait(false);
        if (manifest.Layout.FrameCount + ExtraEntries != footer.EntryCount)
        {
            throw ArchiveException.Damaged(
                file.Name, $"its manifest speaks of {manifest.Layout.FrameCount} frames, its seek table has {footer.EntryCount} entries");
        }

        return new ArchiveTail(manifest, seekTableOffset - manifestEntry.CompressedSize, seekTableOffset);
    }

    private static async Task<long> LocateSeekTableAsync(IBlockDevice file, SeekTableFooter footer, CancellationToken cancellationToken)
    {
        if (footer.Descriptor != 0)
            throw Foreign(file.Name);
        const int MaxEntries = ArchiveLimits.MaxFrames + ExtraEntries;
        if (footer.EntryCount > MaxEntries)
            throw ArchiveException.BeyondLimit(file.Name, "the number of frames", footer.EntryCount, MaxEntries);
        var length = (footer.EntryCount * SeekTableEntry.Size) + SeekTableFooter.Size;
        var offset = file.Size - length - SkippableFrameHeader.Size;
        if (offset < 0)
            throw ArchiveException.Damaged(file.Name, $"its seek table of {length} bytes would be longer than the file");

        var header = new byte[SkippableFrameHeader.Size];
        await file.ReadAsync(offset, header, cancellationToken).ConfigureAwait(false);
        if (SkippableFrameHeader.Read(header) != new SkippableFrameHeader(SkippableFrameHeader.SeekTableMagic, length))
            throw ArchiveException.Damaged(file.Name, $"its seek table does not start at offset {offset}, as its footer says");
        return offset;
    }

    private static async Task<ArchiveManifest> ReadManifestAsync(
        IBlockDevice file, SeekTableEntry entry, long end, CancellationToken cancellationToken)
    {
        if (entry.DecompressedSize != 0 || entry.CompressedSize <= ManifestOverhead)
            throw Foreign(file.Name);
        if (entry.CompressedSize > ManifestOverhead + ArchiveLimits.MaxManifestLength)
        {
            throw ArchiveException.BeyondLimit(
                file.Name, "the length of the manifest", entry.CompressedSize - ManifestOverhead, ArchiveLimits.MaxManifestLength);
        }

        if (entry.CompressedSize > end)
            throw ArchiveException.Damaged(file.Name, "its manifest would start before the file");
        var frame = new byte[entry.CompressedSize];
        await file.ReadAsync(end - frame.Length, frame, cancellationToken).ConfigureAwait(false);
        if (SkippableFrameHeader.Read(frame) is not { Magic: SkippableFrameHeader.ManifestMagic } outer
            || outer.Length != frame.Length - SkippableFrameHeader.Size
            || !ManifestHeader.TryRead(frame.AsSpan(SkippableFrameHeader.Size), out var header))
        {
            throw Foreign(file.Name);
        }

        var json = frame.AsMemory(ManifestOverhead);
        if (FrameDigest.Of(json.Span) != header.Digest)
            throw ArchiveException.Damaged(file.Name, "its manifest does not match its digest");
        return UnverifiedManifest.Parse(file.Name, json).Verify(file.Name);
    }

    /// <summary>A file without a footer: was its end lost, or is it something else?</summary>
    private static async Task<ArchiveException> CutOrForeignAsync(IBlockDevice file, CancellationToken cancellationToken)
    {
        var start = new byte[sizeof(uint)];
        if (file.Size >= start.Length)
            await file.ReadAsync(0, start, cancellationToken).ConfigureAwait(false);
        return BinaryPrimitives.ReadUInt32LittleEndian(start) == ZstdFrameMagic
            ? new ArchiveException(
                ArchiveError.Truncated,
                $"{file.Name}: it begins with compressed data but does not end with a seek table: its end, with manifest and seek table, "
                + $"is missing or was overwritten. Use another copy; 'zstd -d' gives what is left.")
            : Foreign(file.Name);
    }

    private static ArchiveException Foreign(string name) => new(
        ArchiveError.NotAnArchive, $"{name}: it is not an archive of SnapBackup: its end has no seek table with a manifest. Check the path.");
}
