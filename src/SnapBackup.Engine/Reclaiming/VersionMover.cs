using SnapBackup.Blocks;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Opening.Scanning;

namespace SnapBackup.Engine.Reclaiming;

/// <summary>Moves the live versions of some segments into a fresh one, a commit group at a time.</summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>A copy is durable before the index names it, and the index does before the segment it came from is given back. So after a crash at any
/// time a version is there once or twice, whole, and a torn copy is one of a version that is there.</item>
/// <item>The copies' epoch <c>x</c> is that which in memory has taken in the epoch <c>e</c> in which they were recorded. Recovery then finds for every
/// snapshot what it would have found without the copies. For let <c>n</c> be the epoch of the snapshot that reads the version: no younger
/// live snapshot started up to <c>e</c>, and <c>n ≤ x ≤ e</c>. Those up to <c>n</c> find the copy where they found the version: between <c>n</c> and <c>e</c> nothing
/// else is recorded of the block, or the version would not be the earliest. Those after <c>e</c> find neither. Later catalogs have no live
/// snapshot between <c>n</c> and <c>e</c> either: snapshots end, and new ones get new numbers.</item>
/// <item>The copies say of no region that it changed what the change map of <c>x</c> does not say: it is that of <c>e</c>.</item>
/// <item>What does not have its checksum, or cannot be read, is left where it is, and its segment is not tried again: else there were no end.</item>
/// </list>
/// </remarks>
internal sealed class VersionMover
{
    /// <summary>How many segments must be free beyond those that are kept, so that writers who come meanwhile find room.</summary>
    private const int LeftFree = 2;

    private readonly DeviceCore _core;
    private readonly CompactionBatch _batch;
    private readonly CommitGroup _group;

    public VersionMover(DeviceCore core, CompactionBatch batch)
    {
        _core = core;
        _batch = batch;
        _group = new CommitGroup(core.BlockSize, batch.LargestGroup);
    }

    /// <summary>The segment that is being filled, once there is one.</summary>
    public Segment? Target { get; private set; }

    /// <summary>Finds and reads what is to be moved, in groups. Whether it is live still when it is moved is seen then.</summary>
    public async IAsyncEnumerable<StoredVersion[]> ReadAsync()
    {
        var live = new List<StoredVersion>();
        foreach (var source in _batch.Sources)
            live.AddRange(await ListAsync(source).ConfigureAwait(false));
        foreach (var versions in live.OrderBy(version => version.Record.HasData).Chunk(_batch.LargestGroup))
        {
            var whole = new List<StoredVersion>();
            foreach (var version in versions)
            {
                if (await ReadDataAsync(version).ConfigureAwait(false) is { } data)
                    whole.Add(version with { Data = data });
                else
                    version.Source.ResistsMoving = true;
            }

            yield return [.. whole];
        }
    }

    /// <summary>Moves a group of versions, those that are live still. Under <see cref="LogSet.Appending"/>.</summary>
    /// <returns>Whether to go on with the next; if not, there is no room or the log has failed.</returns>
    public async ValueTask<bool> TryMoveAsync(IReadOnlyList<StoredVersion> versions)
    {
        // What was read of a segment that was not released since is what it holds.
        var live = versions.Where(version => version.Source.IsInUse && _core.History.Holds(version.Record.Block, version.Version)).ToList();
        if (live.Count == 0)
            return true;
        if (!TryTakeTarget(live))
            return false;
        _group.Clear();
        foreach (var version in live)
            _group.AddCopy(version.Record, version.Data.Span);
        if (await TryAppendAsync(Target!).ConfigureAwait(false) is not { } place)
            return false;
        for (var i = 0; i < live.Count; i++)
            Move(live[i], place.VersionOf(_group.Records[i]));
        return true;
    }

    /// <summary>Closes what was filled, durably, so that no record of it can be missed. Under <see cref="LogSet.Appending"/>.</summary>
    public async ValueTask CloseAsync()
    {
        if (Target is { IsInUse: true, IsOpen: true } target)
        {
            await _core.Logs.CloseAsync(target).ConfigureAwait(false);
            await TryFlushAsync(target.Log).ConfigureAwait(false);
        }
    }

    private async Task<IEnumerable<StoredVersion>> ListAsync(Segment source)
    {
        var found = await ReaderOf(source).ReadAsync(source.Index, source.Header, CancellationToken.None).ConfigureAwait(false);
        if (found.Damage is not null)
            source.ResistsMoving = true;
        return found.Records
            .Where(record => record.IsVersion)
            .Select(record => new StoredVersion(source, record, Data: default))
            .Where(version => _core.History.Holds(version.Record.Block, version.Version));
    }

    private async ValueTask<byte[]?> ReadDataAsync(StoredVersion version)
    {
        if (!version.Record.HasData)
            return [];
        var source = new FoundSegment(version.Source.Log.Number, version.Source.Index, version.Source.Header);
        return await ReaderOf(version.Source).TryReadDataAsync(source, version.Record, CancellationToken.None).ConfigureAwait(false);
    }

    private SegmentReader ReaderOf(Segment segment) => new(segment.Log.Device, segment.Log.Number, segment.Size, _core.BlockSize);

    private bool TryTakeTarget(List<StoredVersion> versions)
    {
        if (Target is not { IsInUse: true })
        {
            if (_batch.Target.FreeSegments == 0 || _core.Logs.FreeSegments < _core.Reclaimer.Reserve + LeftFree || _core.History.FindNumber(versions[0].Source.Epoch) is not { } epoch)
                return false;
            Target = _core.Logs.TakeVersions(_batch.Target, epoch);
        }

        var withData = versions.Count(version => version.Record.HasData);
        return Target.Log.IsSound && Target.Fit(versions.Count - withData, withData, _core.BlockSize) == versions.Count;
    }

    private async ValueTask<GroupPlace?> TryAppendAsync(Segment target)
    {
        var before = target.Filled;
        try
        {
            var place = await _core.Logs.AppendAsync(target, _group).ConfigureAwait(false);
            Interlocked.Add(ref _core.Counters.BytesCompacted, target.Filled - before);
            return place;
        }
        catch (SnapBackupException)
        {
            // That log is out of use, which is written down before another has what it may have half of.
            await _core.Catalogs.UpdateAsync(catalog => catalog).ConfigureAwait(false);
            return null;
        }
    }

    private void Move(StoredVersion version, Index.PreservedVersion to)
    {
        _core.History.Move(version.Record.Block, version.Version, to);
        version.Source.IsPinned = true;
        _core.Logs.Forget(version.Version);
    }

    private static async ValueTask TryFlushAsync(LogVolume log)
    {
        try
        {
            await log.FlushAsync().ConfigureAwait(false);
        }
        catch (SnapBackupException)
        {
            // The log is out of use from now on and keeps the failure. What was moved to it was durable before.
        }
    }
}
