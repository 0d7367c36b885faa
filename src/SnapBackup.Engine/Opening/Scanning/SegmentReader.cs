using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Opening.Scanning;

/// <summary>
/// Reads what a segment in use holds: from its summary if it was closed, else group by group to the last one that is whole.
/// </summary>
/// <remarks>
/// Only the last group of the whole stream can be torn, because the next one is written only after it is durable. So the end of a
/// segment that was not closed is where no group follows; if one does follow further on, those between were lost. A last group
/// whose header is whole is believed only if its data are, unless younger groups prove that it was durable.
/// </remarks>
internal sealed class SegmentReader(IBlockDevice log, int number, int segmentSize, int blockSize)
{
    /// <summary>What a commit group's header takes at the most, with the records of the largest group, in bytes.</summary>
    private const int LargestGroupHeader = 16 << 10;

    /// <summary>Reads a segment. Of what cannot be read or does not have its checksum it says that it is lost.</summary>
    public async Task<FoundSegment> ReadAsync(long index, SegmentHeader header, CancellationToken cancellationToken)
    {
        var found = new FoundSegment(number, index, header);
        try
        {
            return await TryReadSummaryAsync(found, cancellationToken).ConfigureAwait(false)
                ?? await ReadGroupsAsync(found, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException failure)
        {
            return found with { Damage = failure.Message };
        }
    }

    /// <summary>Reads a segment from its summary; null when it has none that is whole.</summary>
    public async Task<FoundSegment?> TryReadSummaryAsync(FoundSegment found, CancellationToken cancellationToken)
    {
        var end = new byte[LogLayout.Alignment];
        await log.ReadAsync(OffsetOf(found.Index) + segmentSize - end.Length, end, cancellationToken).ConfigureAwait(false);
        if (!SegmentSummary.TryReadTrailer(end.AsSpan(end.Length - SegmentSummary.Size), out var summary)
            || summary.SegmentSequence != found.Header.Sequence
            || summary.RecordCount > segmentSize / BlockRecord.Size)
        {
            return null;
        }

        var bytes = new byte[SegmentSummary.SizeWith(summary.RecordCount)];
        if (bytes.Length > segmentSize)
            return null;
        await log.ReadAsync(OffsetOf(found.Index) + segmentSize - bytes.Length, bytes, cancellationToken).ConfigureAwait(false);
        if (!summary.IsWhole(bytes, Checksum.Salt(found.Header.SetId, found.Header.Sequence)))
            return null;
        var records = bytes.AsMemory(bytes.Length - SegmentSummary.Size - (summary.RecordCount * BlockRecord.Size));
        return BlockRecord.TryReadAll(records.Span, summary.RecordCount, found.Records)
            ? found with { Filled = summary.Filled, LastGroup = summary.LastGroup, IsClosed = true }
            : null;
    }

    /// <summary>Whether the data of the last group are as they were written.</summary>
    public async Task<bool> IsLastGroupWholeAsync(FoundSegment segment, CancellationToken cancellationToken)
    {
        foreach (var record in segment.Records.TakeLast(segment.LastGroupRecords))
        {
            if (record.HasData && await TryReadDataAsync(segment, record, cancellationToken).ConfigureAwait(false) is null)
                return false;
        }

        return true;
    }

    /// <summary>Reads the data of a record; null when it does not have its checksum or cannot be read.</summary>
    public async Task<byte[]?> TryReadDataAsync(FoundSegment segment, BlockRecord record, CancellationToken cancellationToken)
    {
        if (record.DataOffset + blockSize > segmentSize)
            return null;
        var block = new byte[blockSize];
        try
        {
            await log.ReadAsync(OffsetOf(segment.Index) + record.DataOffset, block, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            return null;
        }

        return Checksum.Of(block) == record.DataChecksum ? block : null;
    }

    /// <summary>
    /// Overwrites the header of a torn group: once other groups follow in the stream, nothing would tell that it was torn.
    /// </summary>
    /// <param name="offset">Where the group stands on the log, in bytes.</param>
    public ValueTask WipeAsync(long offset) => log.WriteAsync(offset, new byte[LogLayout.Sector], WriteOptions.ForceUnitAccess);

    /// <summary>What the header of a segment must have said that has a first commit group and no header; null when there is no such group.</summary>
    public async Task<SegmentHeader?> TryGuessHeaderAsync(long index, Guid setId, CancellationToken cancellationToken)
    {
        var bytes = new byte[Math.Min(LargestGroupHeader, segmentSize - SegmentHeader.Room)];
        try
        {
            await log.ReadAsync(OffsetOf(index) + SegmentHeader.Room, bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (BlockDeviceException)
        {
            return null; // what names it says that it is lost
        }

        return GroupHeader.TryReadAnywhere(bytes, setId, out var group)
            ? new SegmentHeader { SetId = setId, Epoch = group.Epoch, Class = group.Class, Sequence = group.SegmentSequence, Previous = SegmentLink.None }
            : null;
    }

    private async Task<FoundSegment> ReadGroupsAsync(FoundSegment found, CancellationToken cancellationToken)
    {
        var bytes = new byte[segmentSize];
        await log.ReadAsync(OffsetOf(found.Index), bytes, cancellationToken).ConfigureAwait(false);
        var walk = new GroupWalk(bytes, Checksum.Salt(found.Header.SetId, found.Header.Sequence), blockSize);
        found.Records.Clear();
        while (walk.TryNext(found.Records))
            found = found with { Filled = walk.End, LastGroup = walk.Group.Number, LastGroupStart = walk.Start, LastGroupRecords = walk.Group.RecordCount };
        if (walk.IsContradiction)
            return found with { Damage = $"the commit group after number {found.LastGroup} contradicts itself" };
        return walk.TrySkipToLater(out var later) ? found with { Damage = $"commit groups before number {later} are gone" } : found;
    }

    private long OffsetOf(long index) => LogLayout.SegmentsOffset + (index * segmentSize);
}
