using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Opening.Scanning;

namespace SnapBackup.Engine.Checking;

/// <summary>
/// Verifies, as the next opening will, that every segment that is named as used before another is there, and that no commit group has lost the
/// header of its segment.
/// </summary>
/// <remarks>
/// Headers are read while segments are taken, so one that seems to be gone is looked at again while none is. Those of segments in use are verified
/// with their segments.
/// </remarks>
internal sealed class LinkCheck(DeviceCore core, CheckResults results)
{
    private readonly Consequences _consequences = new(core);

    /// <summary>Verifies those of one log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="lastUsed">The segment that its catalog names.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask RunAsync(LogVolume log, SegmentLink lastUsed, CancellationToken cancellationToken)
    {
        var catalog = core.Catalogs.Current;
        var reader = new SegmentReader(log.Device, log.Number, log.SegmentSize, core.BlockSize);
        var headers = await LogHeaders.ReadAsync(log, catalog.SetId, reader, cancellationToken).ConfigureAwait(false);
        results.BytesRead += log.SegmentCount * SegmentHeader.Size;
        var suspects = headers.Unreadable.ConvertAll(index => new Suspect(index, long.MaxValue, 0, "cannot be read, so that nobody knows what it was"));
        suspects.AddRange(headers.Lost(lastUsed, catalog).Select(lost => new Suspect(lost.Index, lost.Epoch, lost.Sequence, "is named by another and gone")));
        suspects.AddRange(headers.Orphans
            .Where(orphan => catalog.Needs(orphan.Value.Class, orphan.Value.Epoch, orphan.Value.Sequence))
            .Select(orphan => new Suspect(orphan.Key, orphan.Value.Epoch, orphan.Value.Sequence, "has lost its header")));
        foreach (var suspect in suspects.DistinctBy(suspect => suspect.Index))
            await LookAgainAsync(log, suspect, reader, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reports a segment unless it is there by now, or in use.</summary>
    private async ValueTask LookAgainAsync(LogVolume log, Suspect suspect, SegmentReader reader, CancellationToken cancellationToken)
    {
        await core.Logs.Appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (log.SegmentAt(log.OffsetOf(suspect.Index)) is not null)
                return;
            var now = await LogHeaders.ReadAsync(log, suspect.Index, core.Logs.Shape.SetId, reader, cancellationToken).ConfigureAwait(false);
            if (now.Unreadable.Count > 0 || (suspect.Sequence > 0 && !now.All.Values.Any(header => header.Sequence >= suspect.Sequence)))
                Report(log, suspect);
        }
        finally
        {
            core.Logs.Appending.Release();
        }
    }

    private void Report(LogVolume log, Suspect suspect)
    {
        var offset = log.OffsetOf(suspect.Index);
        results.Add(new CheckFinding
        {
            Kind = CheckFindingKind.SegmentLink,
            Severity = CheckSeverity.Error,
            Log = log.Name,
            Offset = offset,
            Epoch = suspect.Epoch == long.MaxValue ? null : suspect.Epoch,
            Snapshots = _consequences.OfLostSegment(suspect.Epoch),
            Message = $"{log.Name}: the segment at {offset} is not in use and {suspect.What}. What is kept can be read while the device is not let go; after that the snapshots "
                + "named are broken and changes since then lost: archive them now, then end them, and look at the health of that log.",
        });
    }

    /// <summary>A segment that the next opening would miss.</summary>
    /// <param name="Index">Which of its log.</param>
    /// <param name="Epoch">The epoch that it was of, as far as that is known; else all are concerned.</param>
    /// <param name="Sequence">The sequence number that it had, or a higher one if it was used again; 0 when that is not known.</param>
    /// <param name="What">What is wrong with it.</param>
    private readonly record struct Suspect(long Index, long Epoch, long Sequence, string What);
}
