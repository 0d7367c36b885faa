using SnapBackup.Engine.Catalogs;
using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Epochs;

/// <summary>
/// The epochs that something is still needed of, oldest first; the last is the current one. A snapshot reads, for each block, the
/// earliest version of the epochs from its own on.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Only the current epoch is added to, by one appender at a time. A reader that finds nothing, reads the source and then finds nothing again
/// has read what was there: a version is in the current epoch before the source may change.</item>
/// <item>Every point of the catalog starts an epoch of its own here, so that nothing before it is mistaken for something after it.</item>
/// </list>
/// <para>Changes of the list are serialised by <c>_change</c>; the list itself is a value that readers and writers take once.</para>
/// </remarks>
internal sealed class History
{
    /// <summary>Small, because the blocks that are counted may lie far apart.</summary>
    private const int CountingPageBytes = 512;

    private readonly Lock _change = new();
    private readonly int _blocksPerRegion;
    private readonly Func<ChangeMap> _newChanges;
    private volatile Epoch[] _epochs;
    private volatile WriterView? _writers;

    /// <summary>Begins with what was found when the device was opened.</summary>
    /// <param name="epochs">At least the current one, oldest first.</param>
    /// <param name="blocksPerRegion">How many blocks a region of the change map has.</param>
    /// <param name="newChanges">Makes an empty change map.</param>
    public History(IReadOnlyList<Epoch> epochs, int blocksPerRegion, Func<ChangeMap> newChanges)
    {
        _epochs = [.. epochs];
        _blocksPerRegion = blocksPerRegion;
        _newChanges = newChanges;
    }

    /// <summary>What writers must record; null when nothing.</summary>
    public WriterView? Writers => _writers;

    public IReadOnlyList<Epoch> Epochs => _epochs;

    public Epoch Current => _epochs[^1];

    /// <summary>Finds what a block held at the start of an epoch, if it was preserved since.</summary>
    public bool TryGet(long fromEpoch, long block, out PreservedVersion version)
    {
        foreach (var epoch in _epochs)
        {
            if (epoch.Number >= fromEpoch && epoch.Index.TryGet(block, out version))
                return true;
        }

        version = default;
        return false;
    }

    /// <summary>Whether a block was preserved since the start of an epoch.</summary>
    public bool Contains(long fromEpoch, long block)
    {
        foreach (var epoch in _epochs)
        {
            if (epoch.Number >= fromEpoch && epoch.Index.Contains(block))
                return true;
        }

        return false;
    }

    /// <summary>
    /// How many blocks were preserved since the start of an epoch, each counted once however many versions it has. If versions are in several epochs it
    /// takes a look at each of them.
    /// </summary>
    public long CountBlocksSince(long fromEpoch)
    {
        var epochs = _epochs;
        var indices = epochs.Where(epoch => epoch.Number >= fromEpoch && epoch.Index.Count > 0).Select(epoch => epoch.Index).ToList();
        if (indices.Count <= 1)
            return indices.Sum(index => index.Count);
        var blocks = new ChangeMap(epochs[^1].Changes.RegionCount * _blocksPerRegion, CountingPageBytes);
        foreach (var index in indices)
        {
            foreach (var (block, _) in index.Entries)
                blocks.Add(block);
        }

        return blocks.Count;
    }

    /// <summary>Whether a version, at the very place it says, is what some snapshot reads of a block.</summary>
    public bool Holds(long block, PreservedVersion version) => FindIndex(block, version) is not null;

    /// <summary>
    /// Says that a version lies somewhere else now. Under <see cref="Log.LogSet.Appending"/>. Readers that have found it before go to the old place still.
    /// </summary>
    public void Move(long block, PreservedVersion from, PreservedVersion to) => FindIndex(block, from)!.Move(block, to);

    /// <summary>The number of the epoch that has taken in what was recorded in an epoch; null when none has, because nobody needs it.</summary>
    public long? FindNumber(long recordedIn)
    {
        var epochs = _epochs;
        var last = Array.FindLastIndex(epochs, epoch => epoch.Number <= recordedIn);
        return last < 0 ? null : epochs[last].Number;
    }

    /// <summary>Begins the epoch of a catalog, if it is a new one, and forgets what no point needs any more.</summary>
    /// <remarks>
    /// A change that lets writers record more is applied while no write is under way; one that lets them record less, or elsewhere, while nothing is
    /// being recorded (<see cref="Log.LogSet.Appending"/>): what a writer finds recorded by what it knew before is recorded still.
    /// </remarks>
    public void Apply(Catalog catalog)
    {
        lock (_change)
        {
            var epochs = new List<Epoch>(_epochs);
            if (catalog.Epoch > epochs[^1].Number)
                epochs.Add(new Epoch(catalog.Epoch, _newChanges(), new EpochIndex()));
            else if (epochs[^1].Index.Count > 0 && !catalog.Points.Any(point => point.IsLive && point.Epoch == epochs[^1].Number))
                epochs.Add(epochs[^1].WithoutIndex()); // what was preserved so far can now be merged with older epochs
            Forget(epochs, catalog);
            Publish(epochs, catalog);
        }
    }

    /// <summary>
    /// Merges epochs that no point tells apart any more. Of two versions of a block the earlier one is needed; the later one is handed out.
    /// </summary>
    /// <returns>The versions that nobody needs any more.</returns>
    public IReadOnlyList<PreservedVersion> Merge(Catalog catalog)
    {
        var needless = new List<PreservedVersion>();
        lock (_change)
        {
            var epochs = new List<Epoch>(_epochs);
            for (var i = epochs.Count - 2; i > 0; i--)
            {
                var (older, younger) = (epochs[i - 1], epochs[i]);
                if (!catalog.Points.Any(point => point.IsLive && point.Epoch == younger.Number))
                    epochs[i] = MergeVersions(older, younger, needless);
                if (older.Number == younger.Number || !catalog.Points.Any(point => point.Epoch == younger.Number))
                {
                    if (!ReferenceEquals(older.Changes, younger.Changes))
                        older.Changes.UnionWith(younger.Changes);
                    epochs.RemoveAt(i);
                }
            }

            Publish(epochs, catalog);
        }

        return needless;
    }

    private EpochIndex? FindIndex(long block, PreservedVersion version)
    {
        foreach (var epoch in _epochs)
        {
            if (epoch.Index.TryGet(block, out var found) && found == version)
                return epoch.Index;
        }

        return null;
    }

    private static Epoch MergeVersions(Epoch older, Epoch younger, List<PreservedVersion> needless)
    {
        foreach (var (block, version) in younger.Index.Entries)
        {
            if (!older.Index.TryAdd(block, version))
                needless.Add(version);
        }

        return younger.WithoutIndex();
    }

    private static void Forget(List<Epoch> epochs, Catalog catalog)
    {
        var needed = Math.Min(catalog.LowestLiveEpoch, catalog.LowestNeededEpoch);
        for (var i = epochs.Count - 2; i >= 0; i--)
        {
            if (epochs[i].Number < needed)
                epochs.RemoveAt(i);
            else if (epochs[i].Number < catalog.LowestLiveEpoch)
                epochs[i] = epochs[i].WithoutIndex();
        }
    }

    private void Publish(List<Epoch> epochs, Catalog catalog)
    {
        var newestLive = long.MaxValue;
        foreach (var point in catalog.Points)
        {
            if (point.IsLive)
                newestLive = point.Epoch;
        }

        var covering = epochs.Where(epoch => epoch.Number >= newestLive).Select(epoch => epoch.Index).ToArray();
        var tracks = catalog.LowestNeededEpoch != long.MaxValue;
        _epochs = [.. epochs];
        _writers = tracks || covering.Length > 0 ? new WriterView(epochs[^1], covering, tracks, _blocksPerRegion) : null;
    }
}
