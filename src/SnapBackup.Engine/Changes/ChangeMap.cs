using System.Buffers.Binary;
using System.Numerics;

namespace SnapBackup.Engine.Changes;

/// <summary>
/// Which regions of a source were written in an epoch: a sparse bitmap in pages, one writer and any number of readers
/// without a lock.
/// </summary>
/// <remarks>
/// <para>
/// Invariants: a bit, once set, is never cleared; a page is there exactly when it has a bit; bits beyond the last region
/// are never set.
/// </para>
/// <para>
/// A page is what is stored as one block of a log. With pages of 4 KiB and regions of 64 KiB an untouched map of 64 TiB takes
/// 256 KiB, and a full one of 1 TiB 2 MiB.
/// </para>
/// </remarks>
internal sealed class ChangeMap
{
    private const int WordBits = 64;

    /// <summary>What the runtime puts before the elements of an array.</summary>
    private const int ArrayOverhead = 24;

    private readonly ulong[]?[] _pages;
    private readonly int _wordsInPage;
    private readonly int _pageShift;
    private int _pagesInUse;
    private long _count;

    /// <summary>A map of regions none of which was written.</summary>
    /// <param name="regionCount">How many regions the source has, 0 for an empty one; no more than fit into 2^31 pages.</param>
    /// <param name="pageBytes">The size of a page, a power of two from 8 bytes.</param>
    public ChangeMap(long regionCount, int pageBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(regionCount);
        if (pageBytes < sizeof(ulong) || !BitOperations.IsPow2(pageBytes))
            throw new ArgumentOutOfRangeException(nameof(pageBytes), pageBytes, "A page is a power of two of at least 8 bytes.");
        RegionCount = regionCount;
        _wordsInPage = pageBytes / sizeof(ulong);
        _pageShift = BitOperations.Log2((uint)_wordsInPage);
        _pages = new ulong[]?[regionCount == 0 ? 0 : checked((int)(PageOf((regionCount - 1) / WordBits) + 1))];
    }

    public long RegionCount { get; }

    public int PageBytes => _wordsInPage * sizeof(ulong);

    /// <summary>How many regions were written.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The bytes it keeps in memory.</summary>
    public long Bytes =>
        ArrayOverhead + ((long)_pages.Length * IntPtr.Size) + ((long)Volatile.Read(ref _pagesInUse) * (ArrayOverhead + PageBytes));

    /// <summary>
    /// The pages with at least one bit, in ascending order, as they are stored: little-endian words of 64 bits. Each is a
    /// copy, so that its checksum stays true while regions are added.
    /// </summary>
    public IEnumerable<(long Page, ReadOnlyMemory<byte> Bits)> Pages
    {
        get
        {
            for (var page = 0; page < _pages.Length; page++)
            {
                if (Volatile.Read(ref _pages[page]) is { } words)
                    yield return (page, Stored(words));
            }
        }
    }

    public bool Contains(long region)
    {
        ThrowUnlessInside(region, region);
        return (WordAt(region / WordBits) & Bit(region)) != 0;
    }

    /// <summary>Whether every region from the first to the last was written.</summary>
    public bool ContainsAll(long first, long last)
    {
        ThrowUnlessInside(first, last);
        return Next(set: false, first, last + 1) > last;
    }

    /// <summary>Adds a region. Only the one writer calls it.</summary>
    public void Add(long region) => AddRange(region, region);

    /// <summary>Adds every region from the first to the last. Only the one writer calls it.</summary>
    public void AddRange(long first, long last)
    {
        ThrowUnlessInside(first, last);
        for (var word = first / WordBits; word <= last / WordBits; word++)
        {
            var bits = ulong.MaxValue;
            if (word == first / WordBits)
                bits &= From(first);
            if (word == last / WordBits)
                bits &= Through(last);
            AddWord(word, bits);
        }
    }

    /// <summary>Adds what another map holds. Only the one writer of this map calls it.</summary>
    /// <exception cref="ArgumentException">The other map has another number of regions or another size of pages.</exception>
    public void UnionWith(ChangeMap other)
    {
        if (other.RegionCount != RegionCount || other.PageBytes != PageBytes)
        {
            throw new ArgumentException(
                $"A map of {other.RegionCount} regions in pages of {other.PageBytes} bytes cannot be united with one of {RegionCount} " +
                $"regions in pages of {PageBytes} bytes. Unite maps of one device.",
                nameof(other));
        }

        for (var page = 0; page < _pages.Length; page++)
        {
            if (Volatile.Read(ref other._pages[page]) is not { } words)
                continue;
            for (var i = 0; i < words.Length; i++)
                AddWord(((long)page * _wordsInPage) + i, Volatile.Read(ref words[i]));
        }
    }

    /// <summary>Adds a page as it was stored, if it can be one of this map's. Only the one writer calls it.</summary>
    /// <param name="page">The number of the page; any value, since it may come from a damaged log.</param>
    /// <param name="bits">Little-endian words of 64 bits.</param>
    /// <returns>
    /// False, and nothing was added, when the map has no such page, the page has another size or names regions beyond the last one.
    /// </returns>
    public bool TryUnionWithPage(long page, ReadOnlySpan<byte> bits)
    {
        if (page < 0 || page >= _pages.Length || bits.Length != PageBytes)
            return false;
        var firstWord = page * _wordsInPage;
        for (var i = 0; i < _wordsInPage; i++)
        {
            if ((StoredWord(bits, i) & ~Allowed(firstWord + i)) != 0)
                return false;
        }

        for (var i = 0; i < _wordsInPage; i++)
            AddWord(firstWord + i, StoredWord(bits, i));
        return true;
    }

    /// <summary>Whether every region of a page as it was stored was written.</summary>
    /// <param name="page">The number of the page; any value.</param>
    /// <param name="bits">Little-endian words of 64 bits.</param>
    public bool ContainsPage(long page, ReadOnlySpan<byte> bits)
    {
        if (page < 0 || page >= _pages.Length || bits.Length != PageBytes)
            return false;
        for (var i = 0; i < _wordsInPage; i++)
        {
            if ((StoredWord(bits, i) & ~WordAt((page * _wordsInPage) + i)) != 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The written regions as runs without a gap, each as long as it can be, in ascending order. Regions added meanwhile are
    /// in them or not.
    /// </summary>
    public IEnumerable<(long First, long Count)> Runs()
    {
        var first = Next(set: true, 0, RegionCount);
        while (first < RegionCount)
        {
            var end = Next(set: false, first, RegionCount);
            yield return (first, end - first);
            first = Next(set: true, end + 1, RegionCount);
        }
    }

    private static ulong Bit(long region) => 1UL << (int)(region % WordBits);

    /// <summary>The bits of a region's word from it on.</summary>
    private static ulong From(long region) => ulong.MaxValue << (int)(region % WordBits);

    /// <summary>The bits of a region's word up to it.</summary>
    private static ulong Through(long region) => ulong.MaxValue >> (WordBits - 1 - (int)(region % WordBits));

    private static ulong StoredWord(ReadOnlySpan<byte> bits, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bits[(index * sizeof(ulong))..]);

    private static byte[] Stored(ulong[] words)
    {
        var bits = new byte[words.Length * sizeof(ulong)];
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bits.AsSpan(i * sizeof(ulong)), Volatile.Read(ref words[i]));
        return bits;
    }

    /// <summary>The bits of a word that stand for regions of this map.</summary>
    private ulong Allowed(long word)
    {
        var regions = RegionCount - (word * WordBits);
        return regions >= WordBits ? ulong.MaxValue : regions <= 0 ? 0 : Through(regions - 1);
    }

    private ulong WordAt(long word)
    {
        var page = Volatile.Read(ref _pages[PageOf(word)]);
        return page is null ? 0 : Volatile.Read(ref page[InPage(word)]);
    }

    private long PageOf(long word) => word >> _pageShift;

    private long InPage(long word) => word & (_wordsInPage - 1);

    private void AddWord(long word, ulong bits)
    {
        var added = bits & ~WordAt(word);
        if (added == 0)
            return;
        ref var page = ref _pages[PageOf(word)];
        if (page is null)
        {
            // The bit before the page: a page that is there is not empty.
            var words = new ulong[_wordsInPage];
            words[InPage(word)] = added;
            Volatile.Write(ref page, words);
            Volatile.Write(ref _pagesInUse, _pagesInUse + 1);
        }
        else
        {
            ref var place = ref page[InPage(word)];
            Volatile.Write(ref place, place | added);
        }

        Volatile.Write(ref _count, _count + BitOperations.PopCount(added));
    }

    /// <summary>The first region of a range that was written, or that was not; its end if there is none.</summary>
    private long Next(bool set, long first, long end)
    {
        while (first < end)
        {
            var page = PageOf(first / WordBits);
            if (Volatile.Read(ref _pages[page]) is null)
            {
                if (!set)
                    return first;
                first = (page + 1) * _wordsInPage * WordBits;
                continue;
            }

            var word = WordAt(first / WordBits);
            var wanted = (set ? word : ~word) & From(first);
            if (wanted != 0)
                return Math.Min(end, (first / WordBits * WordBits) + BitOperations.TrailingZeroCount(wanted));
            first = ((first / WordBits) + 1) * WordBits;
        }

        return end;
    }

    private void ThrowUnlessInside(long first, long last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(last, RegionCount);
    }
}
