using System.Runtime.CompilerServices;

namespace SnapBackup.Engine.Index;

/// <summary>
/// One of the tables an <see cref="EpochIndex"/> is made of: open addressing with linear probing, one writer and any
/// number of readers without a lock.
/// </summary>
/// <remarks>
/// <para>
/// Invariants: an entry, once visible, never goes and keeps its block, and but for <see cref="Set"/> its kind and checksum; its second word is
/// written before its first. A table is never full, so every probe ends; one that is outgrown stays as it is for readers still inside.
/// </para>
/// <para>
/// Memory counts more than probes here: tables are filled to 4/5 and grow by a quarter, so a large one is filled to at least
/// 16/25 and an entry of 16 bytes takes 20 to 25. At 4/5 a hit takes 3 probes and a miss 13 on average, in a few
/// neighbouring cache lines.
/// </para>
/// </remarks>
internal sealed class IndexShard
{
    private const int SmallestCapacity = 8;
    private const int LastSmallCapacity = 256;

    /// <summary>What a shard takes beside its entries: its own object and the header of its array.</summary>
    private const int Overhead = 32 + 24;

    private IndexEntry[] _entries;
    private int _count;

    /// <summary>A table in which a number of entries find room before it has to grow.</summary>
    public IndexShard(int expectedCount) =>
        _entries = new IndexEntry[Math.Max(SmallestCapacity, checked((int)((5L * expectedCount / 4) + 1)))];

    /// <summary>The bytes it keeps in memory.</summary>
    public long Bytes => Overhead + ((long)IndexEntry.Size * Volatile.Read(ref _entries).Length);

    public bool Contains(ulong hash, long block) => Find(Volatile.Read(ref _entries), hash, block) >= 0;

    public bool TryGet(ulong hash, long block, out PreservedVersion version)
    {
        var entries = Volatile.Read(ref _entries);
        var place = Find(entries, hash, block);
        if (place < 0)
        {
            version = default;
            return false;
        }

        version = VersionAt(ref entries[place]);
        return true;
    }

    /// <summary>Adds a block unless it is there. Only the one writer calls it.</summary>
    public bool TryAdd(ulong hash, long block, PreservedVersion version)
    {
        var place = Find(_entries, hash, block);
        if (place >= 0)
            return false;
        if (_count == RoomIn(_entries.Length))
        {
            Grow();
            place = Find(_entries, hash, block);
        }

        Publish(ref _entries[~place], new IndexEntry(block, version));
        _count++;
        return true;
    }

    /// <summary>
    /// Adds a block, or gives one that is here another content. Only the one writer calls it, and nobody looks for that block meanwhile: its two
    /// words change one after the other.
    /// </summary>
    /// <returns>Whether the block was added.</returns>
    public bool Set(ulong hash, long block, PreservedVersion version)
    {
        var place = Find(_entries, hash, block);
        if (place < 0)
            return TryAdd(hash, block, version);
        var entry = new IndexEntry(block, version);
        Volatile.Write(ref _entries[place].Second, entry.Second);
        Volatile.Write(ref _entries[place].First, entry.First);
        return false;
    }

    /// <summary>Says of a block that its content lies somewhere else now. Only the one writer calls it.</summary>
    /// <returns>Whether the block is here.</returns>
    /// <exception cref="ArgumentException">Its content is not the same.</exception>
    public bool TryMove(ulong hash, long block, PreservedVersion to)
    {
        var place = Find(_entries, hash, block);
        if (place < 0)
            return false;
        ref var entry = ref _entries[place];
        var from = VersionAt(ref entry);
        if (from.Kind != to.Kind || from.Checksum != to.Checksum)
        {
            throw new ArgumentException(
                $"Block {block} cannot be moved from {from} to {to}: kind and checksum differ, so the content is not the same.", nameof(to));
        }

        Volatile.Write(ref entry.Second, new IndexEntry(block, to).Second);
        return true;
    }

    /// <summary>
    /// Every entry that is here when the enumeration begins, and perhaps some that are added meanwhile, each once.
    /// </summary>
    /// <remarks>
    /// Not in the order of the hash: whoever adds entries in that order to another table that grows fills its front part
    /// only, and every probe walks through all of it. So the table is walked in passes, as many as the root of its
    /// length, each of which takes a few entries from everywhere.
    /// </remarks>
    public IEnumerable<KeyValuePair<long, PreservedVersion>> Entries()
    {
        var entries = Volatile.Read(ref _entries);
        var stride = (int)Math.Sqrt(entries.Length);
        for (var pass = 0; pass < stride; pass++)
        {
            for (long place = pass; place < entries.Length; place += stride)
            {
                var block = IndexEntry.BlockOf(Volatile.Read(ref entries[place].First));
                if (block >= 0)
                    yield return new(block, VersionAt(ref entries[place]));
            }
        }
    }

    private static int RoomIn(int capacity) => (int)(4L * capacity / 5);

    private static PreservedVersion VersionAt(ref IndexEntry entry) =>
        IndexEntry.VersionOf(Volatile.Read(ref entry.First), Volatile.Read(ref entry.Second));

    /// <summary>Where a block is; when it is not there, the complement of the empty place at which it would be added.</summary>
    private static int Find(IndexEntry[] entries, ulong hash, long block)
    {
        for (var place = Home(hash, entries.Length); ; place = Next(place, entries.Length))
        {
            var first = Volatile.Read(ref entries[place].First);
            if (first == 0)
                return ~place;
            if (IndexEntry.BlockOf(first) == block)
                return place;
        }
    }

    private static void Publish(ref IndexEntry place, IndexEntry entry)
    {
        place.Second = entry.Second;
        Volatile.Write(ref place.First, entry.First);
    }

    /// <summary>
    /// Where probing begins: the hash without the bits that chose the shard, as a fraction of the capacity, which so need
    /// not be a power of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Home(ulong hash, int capacity) => (int)Math.BigMul(hash << EpochIndex.ShardBits, (ulong)capacity, out _);

    private static int Next(int place, int capacity) => place + 1 == capacity ? 0 : place + 1;

    private void Grow()
    {
        var capacity = _entries.Length;
        var larger = new IndexEntry[checked(capacity + (capacity / (capacity < LastSmallCapacity ? 2 : 4)))];
        foreach (var entry in _entries)
        {
            if (entry.First == 0)
                continue;
            var block = IndexEntry.BlockOf(entry.First);
            larger[~Find(larger, BlockHash.Of(block), block)] = entry;
        }

        Volatile.Write(ref _entries, larger);
    }
}
