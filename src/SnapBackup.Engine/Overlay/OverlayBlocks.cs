using SnapBackup.Blocks;
using SnapBackup.Engine.Index;
using SnapBackup.Engine.Log;
using SnapBackup.Engine.Log.Format;
using SnapBackup.Engine.Reading;

namespace SnapBackup.Engine.Overlay;

/// <summary>
/// The content of an overlay: of each block what was written to it, else what the snapshot holds. Whole blocks are written; a block that was
/// written before is written to the same place.
/// </summary>
/// <remarks>The caller keeps readers away from blocks that are being written (<see cref="RangeLock"/>).</remarks>
internal sealed class OverlayBlocks
{
    private const int LargestLookUp = 1 << 16;

    private readonly LogSet _logs;
    private readonly int _blockSize;
    private readonly SnapshotReader _snapshot;
    private readonly OverlayStore _store;
    private readonly OverlayMap _map;
    private readonly VersionReader _own;

    /// <summary>The blocks of an overlay that nothing was written to yet.</summary>
    /// <param name="logs">The logs that the store is on.</param>
    /// <param name="snapshot">What the overlay is over.</param>
    /// <param name="store">Where blocks are kept.</param>
    /// <param name="throwIfGone">Throws when the snapshot is not kept any more.</param>
    public OverlayBlocks(LogSet logs, SnapshotReader snapshot, OverlayStore store, Action throwIfGone)
    {
        _logs = logs;
        _blockSize = logs.Shape.BlockSize;
        _snapshot = snapshot;
        _store = store;
        _map = new OverlayMap((snapshot.Size + _blockSize - 1) / _blockSize);
        _own = new VersionReader(store.Name, logs, _map.TryGet, throwIfGone);
    }

    /// <summary>Reads any range inside the device.</summary>
    public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            int run;
            if (_map.TryGet(offset / _blockSize, out var version))
            {
                run = _own.RunAt(offset, buffer.Length, version);
                await ReadOwnAsync(version, offset, buffer[..run], cancellationToken).ConfigureAwait(false);
            }
            else
            {
                run = (int)RunLength(offset, buffer.Length, kind: null);
                await _snapshot.ReadAsync(offset, buffer[..run], cancellationToken).ConfigureAwait(false);
            }

            offset += run;
            buffer = buffer[run..];
        }
    }

    /// <summary>Stores whole blocks. A log that fails is left for another one.</summary>
    public async ValueTask WriteAsync(long firstBlock, ReadOnlyMemory<byte> blocks)
    {
        var before = new OverlaySlot?[blocks.Length / _blockSize];
        for (var i = 0; i < before.Length; i++)
            before[i] = _map.TryGet(firstBlock + i, out var version) && version.Kind == PreservedKind.Data ? OverlaySlot.Of(version) : null;
        var slots = before;
        try
        {
            do
                slots = await PlaceAsync(slots).ConfigureAwait(false);
            while (!await TryWriteAsync(slots, blocks).ConfigureAwait(false));
        }
        catch
        {
            _store.Return(slots.Where((slot, i) => slot != before[i]).Select(slot => slot!.Value));
            throw;
        }

        for (var i = 0; i < slots.Length; i++)
            _map.Put(firstBlock + i, slots[i]!.Value.Holding(Checksum.Of(blocks.Span.Slice(i * _blockSize, _blockSize))));
    }

    /// <summary>Makes whole blocks zeros; they take no room then.</summary>
    public void Clear(long firstBlock, long lastBlock) => _store.Return(_map.Clear(firstBlock, lastBlock).Select(OverlaySlot.Of));

    /// <summary>Tells data from holes, looking no further than it takes a moment.</summary>
    public async ValueTask<BlockExtent> GetExtentAsync(long offset, long length, CancellationToken cancellationToken)
    {
        length = Math.Min(length, (long)_blockSize * LargestLookUp);
        if (_map.TryGet(offset / _blockSize, out var version))
            return new BlockExtent(RunLength(offset, length, version.Kind), version.Kind == PreservedKind.Zero ? ExtentKind.Hole : ExtentKind.Data);
        return await _snapshot.GetExtentAsync(offset, RunLength(offset, length, kind: null), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many bytes from an offset belong to blocks of one kind; null are those that were not written.</summary>
    private long RunLength(long offset, long length, PreservedKind? kind)
    {
        var end = offset;
        while (end < offset + length && (_map.TryGet(end / _blockSize, out var version) ? version.Kind : null) == kind)
            end = ((end / _blockSize) + 1) * _blockSize;
        return Math.Min(length, end - offset);
    }

    private ValueTask ReadOwnAsync(PreservedVersion version, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        version.Kind == PreservedKind.Data
            ? _store.UseAsync(() => _own.ReadAsync(version, offset, buffer, cancellationToken))
            : _own.ReadAsync(version, offset, buffer, cancellationToken);

    /// <summary>Gives a slot to those blocks that have none, or one on a log that has failed.</summary>
    private async ValueTask<OverlaySlot?[]> PlaceAsync(OverlaySlot?[] slots)
    {
        var isUsable = Array.ConvertAll(slots, slot => slot is { } there && _store.IsSound(there));
        var missing = isUsable.Count(usable => !usable);
        var taken = missing == 0 ? [] : await _store.TakeAsync(missing).ConfigureAwait(false);
        var next = 0;
        return [.. slots.Select((slot, i) => isUsable[i] ? slot : taken[next++])];
    }

    /// <returns>Whether all is written; if not, a log has failed, and what was on it is to be placed anew.</returns>
    private async ValueTask<bool> TryWriteAsync(OverlaySlot?[] slots, ReadOnlyMemory<byte> blocks)
    {
        for (var first = 0; first < slots.Length;)
        {
            var place = slots[first]!.Value;
            var count = 1;
            while (first + count < slots.Length && slots[first + count] == place with { Offset = place.Offset + ((long)count * _blockSize) })
                count++;
            var run = blocks.Slice(first * _blockSize, count * _blockSize);
            try
            {
                await _store.UseAsync(() => _logs.WritePrivateAsync(place.Log, place.Offset, run)).ConfigureAwait(false);
            }
            catch (SnapBackupException) when (!_store.IsSound(place))
            {
                return false;
            }

            first += count;
        }

        return true;
    }
}
