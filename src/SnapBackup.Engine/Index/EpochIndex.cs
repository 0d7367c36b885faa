namespace SnapBackup.Engine.Index;

/// <summary>
/// The blocks preserved in one epoch: a hash table with open addressing, 16 bytes an entry, one writer and any
/// number of readers without a lock.
/// </summary>
/// <remarks>
/// <para>Invariants: an entry, once visible, never changes and never goes; an entry's second word is written before its first.</para>
/// <para>
/// Entry: first word = block number plus one (48 bits, so that 0 is "empty") and the checksum's low 16 bits; second
/// word = kind (2 bits), log (9 bits), offset in units of 4 KiB (37 bits), the checksum's high 16 bits. 48 bits of
/// 4 KiB blocks are an exbibyte; 37 bits of 4 KiB units are 512 TiB a log.
/// </para>
/// <para>
/// A reader that misses an entry added at this very moment is in order: it looks again after it has read the source,
/// and an entry is added before the source may change.
/// </para>
/// </remarks>
internal sealed class EpochIndex
{
    private const int InitialSlots = 1024;
    private const int BlockShift = 16;
    private const int LogShift = 2;
    private const int UnitShift = LogShift + 9;
    private const int ChecksumShift = UnitShift + 37;
    private const int OffsetUnitBits = 12;

    private ulong[] _words = new ulong[2 * InitialSlots];
    private int _count;

    /// <summary>How many blocks it holds.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool Contains(long block) => TryFind(Volatile.Read(ref _words), block, out _);

    /// <summary>Whether every block of a range is here.</summary>
    public bool ContainsAll(long firstBlock, long lastBlock)
    {
        if (Count == 0)
            return false;
        var words = Volatile.Read(ref _words);
        for (var block = firstBlock; block <= lastBlock; block++)
        {
            if (!TryFind(words, block, out _))
                return false;
        }

        return true;
    }

    public bool TryGet(long block, out PreservedVersion version)
    {
        var words = Volatile.Read(ref _words);
        if (!TryFind(words, block, out var slot))
        {
            version = default;
            return false;
        }

        version = Unpack(words[slot], words[slot + 1]);
        return true;
    }

    /// <summary>Adds a block that is not here yet. Only the one writer calls it.</summary>
    public void Add(long block, PreservedVersion version)
    {
        if (10L * (_count + 1) > 7L * (_words.Length / 2))
            Volatile.Write(ref _words, Grow(_words));
        var (first, second) = Pack(block, version);
        Insert(_words, first, second);
        Volatile.Write(ref _count, _count + 1);
    }

    private static (ulong First, ulong Second) Pack(long block, PreservedVersion version) => (
        ((ulong)(block + 1) << BlockShift) | (ushort)version.Checksum,
        (ulong)version.Kind
            | ((ulong)version.Log << LogShift)
            | ((ulong)(version.Offset >> OffsetUnitBits) << UnitShift)
            | ((ulong)(version.Checksum >> 16) << ChecksumShift));

    private static PreservedVersion Unpack(ulong first, ulong second) => new(
        (PreservedKind)(second & 3),
        (int)((second >> LogShift) & 0x1FF),
        (long)((second >> UnitShift) & ((1UL << 37) - 1)) << OffsetUnitBits,
        ((uint)(second >> ChecksumShift) << 16) | (ushort)first);

    private static bool TryFind(ulong[] words, long block, out int slot)
    {
        var wanted = (ulong)(block + 1);
        for (slot = Home(words, wanted); ; slot = Next(words, slot))
        {
            var first = Volatile.Read(ref words[slot]);
            if (first >> BlockShift == wanted)
                return true;
            if (first == 0)
                return false;
        }
    }

    private static void Insert(ulong[] words, ulong first, ulong second)
    {
        var slot = Home(words, first >> BlockShift);
        while (words[slot] != 0)
            slot = Next(words, slot);
        words[slot + 1] = second;
        Volatile.Write(ref words[slot], first);
    }

    private static ulong[] Grow(ulong[] words)
    {
        var larger = new ulong[checked(2 * words.Length)];
        for (var slot = 0; slot < words.Length; slot += 2)
        {
            if (words[slot] != 0)
                Insert(larger, words[slot], words[slot + 1]);
        }

        return larger;
    }

    /// <summary>Fibonacci hashing: neighbouring blocks spread over the table, whose size is a power of two.</summary>
    private static int Home(ulong[] words, ulong key) =>
        2 * (int)((key * 0x9E37_79B9_7F4A_7C15) >> (64 - System.Numerics.BitOperations.Log2((uint)words.Length / 2)));

    private static int Next(ulong[] words, int slot) => (slot + 2) & (words.Length - 1);
}
