using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Tests;

/// <summary>A structure on a log, found by a walk over the bytes that knows the format and nothing of the engine.</summary>
/// <param name="Kind">What a check says of it when it is damaged.</param>
/// <param name="Start">Where it starts on the log.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Named">The offset that a finding names.</param>
/// <param name="Segment">Whose segment it is in; null outside segments.</param>
internal sealed record LogRegion(CheckFindingKind Kind, long Start, long End, long Named, SegmentHeader? Segment = null)
{
    /// <summary>Whether it is part of a segment that has a summary.</summary>
    public bool IsSummarised { get; init; }

    /// <summary>Everything on a log.</summary>
    /// <param name="log">Its bytes.</param>
    /// <param name="segmentSize">The size of its segments.</param>
    /// <param name="isFree">Which of its segments are not in use any more.</param>
    public static List<LogRegion> Find(byte[] log, int segmentSize, Predicate<SegmentHeader>? isFree = null)
    {
        var regions = new List<LogRegion>();
        for (var slot = 0; slot < LogLayout.SuperblockSlots; slot++)
        {
            if (LogSuperblock.TryRead(log.AsSpan(slot * LogLayout.Alignment), out _))
                regions.Add(new(CheckFindingKind.Superblock, slot * LogLayout.Alignment, (slot * LogLayout.Alignment) + LogSuperblock.Size, slot * LogLayout.Alignment));
        }

        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
        {
            var at = LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            if (Catalog.TryRead(log.AsSpan((int)at, LogLayout.CatalogSlotSize), out var catalog))
                regions.Add(new(CheckFindingKind.Catalog, at, at + CatalogHeader.SizeWith(catalog!.Points.Length), at));
        }

        for (var start = LogLayout.SegmentsOffset; start + segmentSize <= log.Length; start += segmentSize)
        {
            if (SegmentHeader.TryRead(log.AsSpan((int)start), out var header) && isFree?.Invoke(header) != true)
                AddSegment(regions, log, start, segmentSize, header);
        }

        return regions;
    }

    private static void AddSegment(List<LogRegion> regions, byte[] log, long start, int segmentSize, SegmentHeader header)
    {
        var segment = log.AsSpan((int)start, segmentSize);
        var isSummarised = SegmentSummary.TryReadTrailer(segment[^SegmentSummary.Size..], out var summary) && summary.SegmentSequence == header.Sequence;
        regions.Add(new(CheckFindingKind.SegmentHeader, start, start + SegmentHeader.Size, start, header));
        if (isSummarised)
        {
            regions.Add(new(
                CheckFindingKind.SegmentSummary, start + segmentSize - SegmentSummary.Size - (summary.RecordCount * BlockRecord.Size), start + segmentSize,
                start + segmentSize - SegmentSummary.Size, header)
            { IsSummarised = true });
        }

        var salt = Checksum.Salt(header.SetId, header.Sequence);
        for (var at = SegmentHeader.Room; GroupHeader.TryRead(segment[at..], salt, out var group);)
        {
            var data = at + GroupHeader.SizeWith(group.RecordCount);
            regions.Add(new(CheckFindingKind.CommitGroup, start + at, start + data, start + at, header) { IsSummarised = isSummarised });
            for (var i = 0; i < group.RecordCount; i++)
            {
                BlockRecord.TryRead(segment[(at + GroupHeader.Size + (i * BlockRecord.Size))..], out var record);
                if (!record.HasData)
                    continue;
                var kind = record.Kind == RecordKind.ChangePage ? CheckFindingKind.ChangePage : CheckFindingKind.PreservedBlock;
                regions.Add(new(kind, start + data, start + data + 4096, start + data, header));
                data += 4096;
            }

            at = data;
        }
    }
}
