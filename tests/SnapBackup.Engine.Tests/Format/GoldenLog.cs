using System.Buffers.Binary;
using System.IO.Compression;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests.Format;

/// <summary>Logs that versions of the format have left in the world, in <c>Golden/</c>, compressed with gzip.</summary>
internal static class GoldenLog
{
    /// <summary>The log of <see cref="GoldenStory"/> after the device was let go.</summary>
    public const string LetGo = "log-v2.bin.gz";

    /// <summary>The same without letting go, when the power failed while one more group was being written.</summary>
    public const string Torn = "log-v2-torn.bin.gz";

    private const int SegmentSize = 65_536;
    private static readonly Guid SetId = Id(0);

    /// <summary>The id that the point of a number got in place of its random one.</summary>
    public static Guid Id(byte number) => new(0x01941fb2, 0xd040, 0x71ba, 0x91, 0xfb, 0xdb, 0xee, 0xe6, 0x11, 0x29, number);

    public static byte[] Read(string name)
    {
        using var stored = typeof(GoldenLog).Assembly.GetManifestResourceStream(name)!;
        using var stream = new GZipStream(stored, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static async Task WriteAsync(string path, byte[] log)
    {
        WithoutRandomIds(log);
        await using var stored = File.Create(path);
        await using var stream = new GZipStream(stored, CompressionLevel.SmallestSize);
        await stream.WriteAsync(log);
    }

    /// <summary>Gives set and points fixed ids in place of random ones, and seals everything anew.</summary>
    private static void WithoutRandomIds(byte[] log)
    {
        Assert.True(LogSuperblock.TryRead(log, out var superblock));
        (superblock with { SetId = SetId }).Write(log);
        for (var slot = (int)LogLayout.CatalogOffset; slot < LogLayout.SegmentsOffset; slot += LogLayout.CatalogSlotSize)
            RewriteCatalog(log.AsSpan(slot, LogLayout.CatalogSlotSize));
        for (var segment = (int)LogLayout.SegmentsOffset; segment + SegmentSize <= log.Length; segment += SegmentSize)
            RewriteSegment(log.AsSpan(segment, SegmentSize), superblock.SetId);
    }

    private static void RewriteCatalog(Span<byte> slot)
    {
        if (!Catalog.TryRead(slot, out var catalog))
            return;
        var points = catalog!.Points.Select(point => point with { Id = Id((byte)point.Epoch) });
        (catalog with { SetId = SetId, Points = [.. points] }).ToBytes().CopyTo(slot);
    }

    private static void RewriteSegment(Span<byte> segment, Guid setId)
    {
        if (!SegmentHeader.TryRead(segment, out var header))
            return;
        (header with { SetId = SetId }).Write(segment);
        for (var at = SegmentHeader.Room; at < segment.Length; at += LogLayout.Alignment)
        {
            // What is left of earlier uses of the segment has their sequence number.
            var sequence = BinaryPrimitives.ReadInt64LittleEndian(segment[(at + 8)..]);
            if (GroupHeader.TryRead(segment[at..], Checksum.Salt(setId, sequence), out var group))
                group.Write(segment[at..], Checksum.Salt(SetId, sequence));
        }

        if (SegmentSummary.TryReadTrailer(segment[^SegmentSummary.Size..], out var summary)
            && summary.IsWhole(segment, Checksum.Salt(setId, summary.SegmentSequence)))
        {
            var length = SegmentSummary.Size + (summary.RecordCount * BlockRecord.Size);
            Checksum.Seal(segment[^length..], length - Checksum.Size, Checksum.Salt(SetId, summary.SegmentSequence));
        }
    }
}
