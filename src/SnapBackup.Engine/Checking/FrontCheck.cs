using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;

namespace SnapBackup.Engine.Checking;

/// <summary>
/// Verifies superblocks and catalogs. Each is there twice, and one of the two is enough. A failed log is not believed anyway and left out.
/// </summary>
internal sealed class FrontCheck(DeviceCore core, CheckResults results)
{
    private readonly Consequences _consequences = new(core);
    private readonly byte[] _front = new byte[LogLayout.SegmentsOffset];

    /// <summary>Verifies those of one log.</summary>
    /// <returns>The segment that its catalog names as used last.</returns>
    public async ValueTask<SegmentLink> RunAsync(LogVolume log, CancellationToken cancellationToken)
    {
        if (!log.IsSound)
        {
            Report(CheckFindingKind.LogFailure, CheckSeverity.Warning, log, 0, $"the log has failed and is only read since: {log.Failure!.Message} Set the device up with a better one", []);
            return SegmentLink.None;
        }

        var superblock = await core.Logs.WhileUnchangedAsync(() => log.Superblock).ConfigureAwait(false);
        var lastUsed = SegmentLink.None;
        await core.Catalogs.WhileUnchangedAsync(async catalog =>
        {
            if (!await TryReadAsync(log, cancellationToken).ConfigureAwait(false))
                return;
            CheckSuperblocks(log, superblock);
            lastUsed = CheckCatalogs(log, catalog);
        }).ConfigureAwait(false);
        return lastUsed;
    }

    private async ValueTask<bool> TryReadAsync(LogVolume log, CancellationToken cancellationToken)
    {
        try
        {
            await log.ReadAsync(0, _front, cancellationToken).ConfigureAwait(false);
            results.BytesRead += _front.Length;
            return true;
        }
        catch (BlockDeviceException failure)
        {
            Report(CheckFindingKind.Superblock, CheckSeverity.Error, log, 0, $"superblocks and catalogs cannot be read: {failure.Message}", _consequences.All);
            return false;
        }
    }

    private void CheckSuperblocks(LogVolume log, LogSuperblock current)
    {
        var bad = new List<int>();
        var isThere = false;
        for (var at = 0; at < LogLayout.SuperblockSlots * LogLayout.Alignment; at += LogLayout.Alignment)
        {
            if (!LogSuperblock.TryRead(_front.AsSpan(at), out var found) || found.SetId != current.SetId)
                bad.Add(at);
            else
                isThere |= found == current || found.Generation > current.Generation; // the log may have grown since it was asked
        }

        foreach (var at in isThere || bad.Count > 0 ? bad : [0])
        {
            ReportSlot(CheckFindingKind.Superblock, log, at, isThere, isThere
                ? "one of two superblocks is not there whole; the other one counts"
                : "no superblock is there whole, so that the device cannot be opened again once it is let go: archive what is kept now, then set the device up anew");
        }
    }

    private SegmentLink CheckCatalogs(LogVolume log, Catalog current)
    {
        var bad = new List<int>();
        Catalog? there = null;
        for (var slot = 0; slot < LogLayout.CatalogSlots; slot++)
        {
            var at = (int)LogLayout.CatalogOffset + (slot * LogLayout.CatalogSlotSize);
            var bytes = _front.AsSpan(at, LogLayout.CatalogSlotSize);
            if (Catalog.TryRead(bytes, out var found) && bytes.StartsWith((current with { LastUsed = found!.LastUsed }).ToBytes()))
                there = found;
            else
                bad.Add(at);
        }

        foreach (var at in bad)
        {
            ReportSlot(CheckFindingKind.Catalog, log, at, there is not null, there is not null
                ? "one of two catalogs is not there whole; the other one counts. The next change of what is kept writes both anew"
                : "no catalog is there whole, so that the snapshots named are broken when the device is opened again. The next change of what is kept writes both anew: start a snapshot and end it");
        }

        return there?.LastUsed ?? SegmentLink.None;
    }

    private void ReportSlot(CheckFindingKind kind, LogVolume log, int at, bool hasOther, string what) =>
        Report(kind, hasOther ? CheckSeverity.Warning : CheckSeverity.Error, log, at, what, hasOther ? [] : _consequences.All);

    private void Report(CheckFindingKind kind, CheckSeverity severity, LogVolume log, long offset, string what, IReadOnlyList<string> harmed) => results.Add(new CheckFinding
    {
        Kind = kind,
        Severity = severity,
        Log = log.Name,
        Offset = offset,
        Snapshots = harmed,
        Message = $"{log.Name}: at {offset} {what}. Look at the health of that log.",
    });
}
