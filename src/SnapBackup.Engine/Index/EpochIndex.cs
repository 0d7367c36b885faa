namespace SnapBackup.Engine.Index;

/// <summary>
/// The blocks preserved in one epoch: a hash table of 256 shards, 20 to 25 bytes an entry, one writer and any number of
/// readers without a lock.
/// </summary>
/// <remarks>
/// <para>
/// Invariants: a block, once visible, never goes and keeps what was preserved of it; only where that lies may change. Readers
/// see an entry whole or not at all (<see cref="IndexShard"/>).
/// </para>
/// <para>
/// A reader that misses an entry added at this very moment is in order: it looks again after it has read the source,
/// and an entry is added before the source may change.
/// </para>
/// <para>Shards grow one at a time and by little, so no add waits for the copying of a table of gigabytes.</para>
/// </remarks>
internal sealed class EpochIndex
{
    public const int ShardBits = 8;

    private const int ShardCount = 1 << ShardBits;

    private readonly IndexShard?[] _shards = new IndexShard?[ShardCount];
    private readonly int _expectedInShard;
    private long _count;

    /// <summary>An index that needs not grow before it holds about a number of blocks; memory is taken as shards are used.</summary>
    public EpochIndex(long expectedCount = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedCount);
        // Shards fill unevenly, by the square root of what they hold; hardly one in a thousand is three times that above.
        var average = (double)expectedCount / ShardCount;
        _expectedInShard = checked((int)(average + (3 * Math.Sqrt(average))));
    }

    /// <summary>How many blocks it holds.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The bytes it keeps in memory.</summary>
    public long Bytes
    {
        get
        {
            var bytes = (long)ShardCount * IntPtr.Size;
            for (var i = 0; i < ShardCount; i++)
                bytes += Volatile.Read(ref _shards[i])?.Bytes ?? 0;
            return bytes;
        }
    }

    /// <summary>
    /// Every block with its version. Weakly consistent: what is here when the enumeration begins comes exactly once, what
    /// is added meanwhile comes once or not at all, and of what is moved meanwhile either place comes.
    /// </summary>
    public IEnumerable<KeyValuePair<long, PreservedVersion>> Entries
    {
        get
        {
            for (var i = 0; i < ShardCount; i++)
            {
                if (Volatile.Read(ref _shards[i]) is not { } shard)
                    continue;
                foreach (var entry in shard.Entries())
                    yield return entry;
            }
        }
    }

    public bool Contains(long block)
    {
        var hash = BlockHash.Of(block);
        return ShardOf(hash) is { } shard && shard.Contains(hash, block);
    }

    /// <summary>Whether every block of a range is here.</summary>
    public bool ContainsAll(long firstBlock, long lastBlock)
    {
        if (Count == 0)
            return false;
        for (var block = firstBlock; block <= lastBlock; block++)
        {
            if (!Contains(block))
                return false;
        }

        return true;
    }

    public bool TryGet(long block, out PreservedVersion version)
    {
        var hash = BlockHash.Of(block);
        if (ShardOf(hash) is { } shard)
            return shard.TryGet(hash, block, out version);
        version = default;
        return false;
    }

    /// <summary>Adds a block that is not here yet. Only the one writer calls it.</summary>
    /// <exception cref="ArgumentException">The block is here.</exception>
    public void Add(long block, PreservedVersion version)
    {
        if (!TryAdd(block, version))
            throw new ArgumentException($"Block {block} is in the index: it is preserved once in an epoch. Ask first.", nameof(block));
    }

    /// <summary>Adds a block unless it is here: the earlier version wins. Only the one writer calls it.</summary>
    /// <returns>Whether the block was added.</returns>
    public bool TryAdd(long block, PreservedVersion version)
    {
        var hash = BlockHash.Of(block);
        if (!(ShardOf(hash) ?? AddShard(hash)).TryAdd(hash, block, version))
            return false;
        Volatile.Write(ref _count, _count + 1);
        return true;
    }

    /// <summary>
    /// Adds a block or gives it another content, as no epoch does and an overlay, whose blocks are written again. Only the one writer calls it,
    /// and nobody looks for that block meanwhile.
    /// </summary>
    public void Set(long block, PreservedVersion version)
    {
        var hash = BlockHash.Of(block);
        if ((ShardOf(hash) ?? AddShard(hash)).Set(hash, block, version))
            Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>
    /// Says that a block's preserved content lies somewhere else now. Only the one writer calls it. Readers that looked
    /// before or look at this moment still go to the old place, which is to stay as it is until they are gone.
    /// </summary>
    /// <param name="block">A block that is here.</param>
    /// <param name="to">The new place; kind and checksum are those of before.</param>
    /// <exception cref="ArgumentException">The block is not here, or its content is not the same.</exception>
    public void Move(long block, PreservedVersion to)
    {
        var hash = BlockHash.Of(block);
        if (ShardOf(hash) is not { } shard || !shard.TryMove(hash, block, to))
            throw new ArgumentException($"Block {block} cannot be moved: it is not in the index. Add it first.", nameof(block));
    }

    private IndexShard? ShardOf(ulong hash) => Volatile.Read(ref _shards[hash >> (64 - ShardBits)]);

    private IndexShard AddShard(ulong hash)
    {
        var shard = new IndexShard(_expectedInShard);
        Volatile.Write(ref _shards[hash >> (64 - ShardBits)], shard);
        return shard;
    }
}
