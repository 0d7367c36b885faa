using System.Buffers.Binary;
using SnapBackup.Archive.Format;

namespace SnapBackup.Archive.Tests;

/// <summary>
/// An archive whose tables and manifest say what a test wants, with right digests over it: what a reader must refuse for
/// its meaning and not for a checksum.
/// </summary>
internal sealed class ForgedArchive
{
    public List<byte[]> Frames { get; } = [];

    public List<SeekTableEntry> Entries { get; } = [];

    public List<UInt128> Digests { get; } = [];

    public string Json { get; set; } = "";

    /// <summary>Of an image of three frames, the last one short; each can be changed before <see cref="ToBytes"/>.</summary>
    public static ForgedArchive Create()
    {
        var forged = new ForgedArchive();
        using var compressor = new FrameCompressor(3, TestArchive.FrameSize);
        foreach (var content in TestImage.Mixed((2 * TestArchive.FrameSize) + 100).Chunk(TestArchive.FrameSize))
        {
            var frame = compressor.Compress(content);
            forged.Frames.Add(frame.Bytes.ToArray());
            forged.Entries.Add(new SeekTableEntry((uint)frame.Bytes.Length, (uint)content.Length));
            forged.Digests.Add(frame.Digest);
        }

        FrameLayout.TryCreate((2 * TestArchive.FrameSize) + 100, TestArchive.FrameSize, out var layout);
        forged.Json = System.Text.Encoding.UTF8.GetString(UnverifiedManifest.ToJson(new ArchiveManifest
        {
            ArchiveId = Guid.CreateVersion7(FixedTime.NewYear.GetUtcNow()),
            DeviceName = "disk",
            SnapshotTime = FixedTime.NewYear.GetUtcNow(),
            SectorSize = 512,
            Layout = layout,
            ContentDigestValue = FrameDigest.Of(forged.DigestBytes()),
            SeekTableDigest = FrameDigest.Of(forged.EntryBytes()),
        }));
        return forged;
    }

    /// <summary>Replaces a part of the JSON, which must be there.</summary>
    public ForgedArchive With(string part, string replacement)
    {
        Assert.Contains(part, Json, StringComparison.Ordinal);
        Json = Json.Replace(part, replacement, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Makes the manifest agree with tables that were changed.</summary>
    public ForgedArchive WithRightDigests()
    {
        var fields = Json.Split('"');
        fields[Array.IndexOf(fields, "contentDigest") + 2] = FrameDigest.ToText(FrameDigest.Of(DigestBytes()));
        fields[Array.IndexOf(fields, "seekTableDigest") + 2] = FrameDigest.ToText(FrameDigest.Of(EntryBytes()));
        Json = string.Join('"', fields);
        return this;
    }

    public byte[] ToBytes()
    {
        var json = System.Text.Encoding.UTF8.GetBytes(Json);
        var manifestHeader = new byte[ManifestHeader.Size];
        new ManifestHeader(FrameDigest.Of(json)).Write(manifestHeader);
        byte[] digestTable = Skippable(SkippableFrameHeader.DigestTableMagic, [.. "SNAPHASH"u8, .. DigestBytes()]);
        byte[] manifest = Skippable(SkippableFrameHeader.ManifestMagic, [.. manifestHeader, .. json]);
        Entries.Add(new SeekTableEntry((uint)digestTable.Length, 0));
        Entries.Add(new SeekTableEntry((uint)manifest.Length, 0));
        var footer = new byte[SeekTableFooter.Size];
        new SeekTableFooter((uint)Entries.Count, 0).Write(footer);
        return [.. Frames.SelectMany(frame => frame), .. digestTable, .. manifest, .. Skippable(SkippableFrameHeader.SeekTableMagic, [.. EntryBytes(), .. footer])];
    }

    private static byte[] Skippable(uint magic, byte[] content)
    {
        var header = new byte[SkippableFrameHeader.Size];
        new SkippableFrameHeader(magic, (uint)content.Length).Write(header);
        return [.. header, .. content];
    }

    private byte[] EntryBytes() => [.. Entries.SelectMany(entry =>
    {
        var bytes = new byte[SeekTableEntry.Size];
        entry.Write(bytes);
        return bytes;
    })];

    private byte[] DigestBytes() => [.. Digests.SelectMany(digest =>
    {
        var bytes = new byte[FrameDigest.Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, digest);
        return bytes;
    })];
}
