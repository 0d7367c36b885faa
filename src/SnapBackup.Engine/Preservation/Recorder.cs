using SnapBackup.Blocks;
using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Epochs;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Overflow;
using SnapBackup.Engine.Reclaiming;

namespace SnapBackup.Engine.Preservation;

/// <summary>
/// Makes claims durable: reads what the blocks hold, appends it to the log as commit groups, and only then shows it to readers and
/// writers. Runs under <see cref="LogSet.Appending"/>.
/// </summary>
internal sealed class Recorder(
    IBlockDevice source, LogSet logs, History history, CatalogStore catalogs, Reclaimer reclaimer, OverflowLadder ladder, Counters counters)
{
    private const int LargestGroupBytes = 1 << 20;

    private readonly int _blockSize = logs.Shape.BlockSize;

    private readonly CommitGroup _group =
        new(logs.Shape.BlockSize, Math.Min(logs.LargestGroup, Math.Max(1, LargestGroupBytes / logs.Shape.BlockSize)));

    /// <summary>How many claims go into one group at the most.</summary>
    public int LargestGroup => _group.Capacity;

    /// <summary>Makes the claims durable and visible, unless what needs them is given up.</summary>
    /// <param name="claims">The claims.</param>
    /// <param name="since">When the first of their writers began to wait; null when they must not be held for want of room.</param>
    /// <returns>False when there is no room and they are to wait for some: try again then. What is recorded already is not repeated.</returns>
    public async ValueTask<bool> TryRecordAsync(IReadOnlyList<Claim> claims, long? since)
    {
        var open = StillNeeded(claims);
        while (open.Count > 0 && history.Writers is { } view)
        {
            var kind = view.Preserves ? SegmentClass.Versions : SegmentClass.Changes;
            var wanted = Math.Min(open.Count, _group.Capacity);
            var changes = open.Take(wanted).Count(claim => !claim.IsVersion);
            if (kind == SegmentClass.Changes)
                await reclaimer.CompactChangesAsync().ConfigureAwait(false);
            var room = await logs.MakeRoomAsync(
                kind, view.Current.Number, changes, wanted - changes, view.Preserves ? reclaimer.Reserve : 0).ConfigureAwait(false);
            if (room > 0)
                await TryAppendAsync(view, kind, open.GetRange(0, room)).ConfigureAwait(false);
            else if (!await ladder.TryRelieveAsync(since).ConfigureAwait(false))
                return false;
            open = StillNeeded(open);
        }

        return true;
    }

    /// <summary>What is not recorded yet, as it lies in a group; what was to be preserved for a snapshot that broke meanwhile is only a change.</summary>
    public List<Claim> StillNeeded(IReadOnlyList<Claim> claims)
    {
        if (history.Writers is not { } view)
            return [];
        var needed = new List<Claim>(claims.Count);
        foreach (var claim in claims)
        {
            var region = claim.IsVersion ? view.RegionOf(claim.Number) : claim.Number;
            if (claim.IsVersion && view.NeedsVersion(claim.Number))
                needed.Add(claim);
            else if (view.NeedsChange(region))
                needed.Add(Claim.Change(region));
        }

        needed.Sort(Claim.Order);
        RemoveRepeated(needed);
        return needed;
    }

    private static void RemoveRepeated(List<Claim> sorted)
    {
        var kept = 0;
        for (var i = 0; i < sorted.Count; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1])
                sorted[kept++] = sorted[i];
        }

        sorted.RemoveRange(kept, sorted.Count - kept);
    }

    /// <summary>Appends one group. If the log fails nothing is recorded, and another log may have room.</summary>
    private async ValueTask TryAppendAsync(WriterView view, SegmentClass kind, List<Claim> claims)
    {
        _group.Clear();
        var versions = claims.FindIndex(claim => claim.IsVersion);
        foreach (var change in versions < 0 ? claims : claims.GetRange(0, versions))
            _group.AddChange(view.FirstBlockOf(change.Number));
        if (versions >= 0)
            await ReadOldAsync(claims, versions).ConfigureAwait(false);
        try
        {
            Publish(view, await logs.AppendAsync(kind, _group).ConfigureAwait(false));
        }
        catch (SnapBackupException)
        {
            // The log keeps the failure and reports it when no other log has room. It is written down before another log gets the group.
            await catalogs.UpdateAsync(catalog => catalog).ConfigureAwait(false);
        }
    }

    /// <summary>Reads old blocks into the group, neighbours with one request.</summary>
    private async ValueTask ReadOldAsync(List<Claim> claims, int first)
    {
        for (var position = first; position < claims.Count;)
        {
            var run = 1;
            while (position + run < claims.Count && claims[position + run].Number == claims[position].Number + run)
                run++;
            var readable = await TryReadAsync(claims[position].Number, position - first, run).ConfigureAwait(false);
            for (var i = position; i < position + run; i++)
            {
                var block = claims[i].Number;
                _group.AddVersion(block, readable || (run > 1 && await TryReadAsync(block, i - first, 1).ConfigureAwait(false)));
            }

            position += run;
        }
    }

    /// <summary>Reads a run of blocks to its place in the group, with zeros behind the end of the source.</summary>
    /// <returns>Whether the medium could be read.</returns>
    private async ValueTask<bool> TryReadAsync(long block, int position, int run)
    {
        var staging = _group.Staging(position, run);
        var offset = block * _blockSize;
        var inside = (int)Math.Min(staging.Length, source.Size - offset);
        staging.Span[inside..].Clear();
        try
        {
            await source.ReadAsync(offset, staging[..inside]).ConfigureAwait(false);
            return true;
        }
        catch (BlockDeviceException failure) when (failure.Reason == BlockDeviceError.InputOutput)
        {
            return false;
        }
    }

    private void Publish(WriterView view, GroupPlace place)
    {
        var (versions, zeros) = (0, 0);
        foreach (ref readonly var record in _group.Records)
        {
            if (record.IsVersion)
            {
                view.Current.Index.Add(record.Block, place.VersionOf(record));
                versions++;
                zeros += record.HasData ? 0 : 1;
            }

            if (view.Tracks)
                view.Current.Changes.Add(view.RegionOf(record.Block));
        }

        Interlocked.Increment(ref counters.CommitGroups);
        Interlocked.Add(ref counters.BlocksPreserved, versions);
        Interlocked.Add(ref counters.ZeroBlocksPreserved, zeros);
        ladder.NoteCommit();
    }
}
