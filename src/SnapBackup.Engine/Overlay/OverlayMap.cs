using SnapBackup.Engine.Changes;
using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Overlay;

/// <summary>
/// Which blocks an overlay has, and where: 20 to 25 bytes a block, and next to nothing for large ranges that were cleared.
/// </summary>
/// <remarks>
/// Invariant: what the index says of a block goes before what is said of the span it lies in, which is only ever that it was cleared. The caller
/// sees to it that nobody looks for a block while it changes; other blocks may be looked for at any time.
/// </remarks>
internal sealed class OverlayMap(long blockCount)
{
    /// <summary>Spans of so many blocks are cleared as one.</summary>
    private const int SpanBlocks = 1024;

    private const int PageBytes = 4096;

    private static readonly PreservedVersion Zeros = new(PreservedKind.Zero, 0, 0, 0);

    private readonly Lock _change = new();
    private readonly EpochIndex _blocks = new();
    private readonly ChangeMap _clearedSpans = new((blockCount + SpanBlocks - 1) / SpanBlocks, PageBytes);

    /// <summary>The bytes it keeps in memory.</summary>
    public long Bytes => _blocks.Bytes + _clearedSpans.Bytes;

    /// <summary>Finds a block.</summary>
    /// <returns>False when the overlay does not have it, so that the snapshot's counts.</returns>
    public bool TryGet(long block, out PreservedVersion version)
    {
        if (_blocks.TryGet(block, out version))
            return true;
        version = Zeros;
        return _clearedSpans.Contains(block / SpanBlocks);
    }

    /// <summary>Takes note of what a block holds from now on.</summary>
    public void Put(long block, PreservedVersion version)
    {
        lock (_change)
            _blocks.Set(block, version);
    }

    /// <summary>Makes blocks zeros.</summary>
    /// <returns>Where they were; nobody looks there any more.</returns>
    public IReadOnlyList<PreservedVersion> Clear(long first, long last)
    {
        var firstSpan = (first + SpanBlocks - 1) / SpanBlocks;
        var endSpan = last == blockCount - 1 ? _clearedSpans.RegionCount : (last + 1) / SpanBlocks;
        lock (_change)
        {
            var there = Data(first, last);
            foreach (var (block, _) in there)
                _blocks.Set(block, Zeros);
            if (firstSpan >= endSpan)
            {
                ClearOneByOne(first, last);
            }
            else
            {
                _clearedSpans.AddRange(firstSpan, endSpan - 1);
                ClearOneByOne(first, (firstSpan * SpanBlocks) - 1);
                ClearOneByOne(endSpan * SpanBlocks, last);
            }

            return there.ConvertAll(entry => entry.Value);
        }
    }

    private void ClearOneByOne(long first, long last)
    {
        for (var block = first; block <= last; block++)
            _blocks.Set(block, Zeros);
    }

    /// <summary>The blocks of a range that have data, found by whichever is fewer: the blocks or the entries.</summary>
    private List<KeyValuePair<long, PreservedVersion>> Data(long first, long last)
    {
        var found = new List<KeyValuePair<long, PreservedVersion>>();
        if (last - first >= _blocks.Count)
        {
            found.AddRange(_blocks.Entries.Where(entry => entry.Key >= first && entry.Key <= last && entry.Value.Kind == PreservedKind.Data));
            return found;
        }

        for (var block = first; block <= last; block++)
        {
            if (_blocks.TryGet(block, out var version) && version.Kind == PreservedKind.Data)
                found.Add(new(block, version));
        }

        return found;
    }
}
