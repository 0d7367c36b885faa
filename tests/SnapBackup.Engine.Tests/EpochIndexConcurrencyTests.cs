using SnapBackup.Engine.Index;

namespace SnapBackup.Engine.Tests;

/// <summary>One writer, readers without a lock. The loops end with the writer, however it ends.</summary>
public sealed class EpochIndexConcurrencyTests
{
    private const int Blocks = 300_000;

    private readonly EpochIndex _index = new();

    /// <summary>Blocks below it are in the index.</summary>
    private int _added;

    [Fact]
    public Task Readers_see_an_entry_whole_or_not_at_all_while_the_shards_grow() => RunAsync(AddAll, seed =>
    {
        var known = Volatile.Read(ref _added);
        var block = seed % 2 == 0 ? known : new Random(seed).Next(Blocks); // the one that comes just now, or any
        var found = _index.TryGet(block, out var version);
        Assert.True(found || block >= known);
        Assert.True(!found || version == Place(block, 0));
        Assert.True(known == 0 || _index.ContainsAll(Math.Max(0, known - 10), known - 1));
        Assert.InRange(_index.Count, known, Blocks);
    });

    [Fact]
    public Task An_enumeration_meets_what_was_there_once_and_nothing_half_while_the_shards_grow() => RunAsync(AddAll, _ =>
    {
        var known = Volatile.Read(ref _added);
        var met = new HashSet<long>();
        foreach (var (block, version) in _index.Entries)
        {
            Assert.True(met.Add(block));
            Assert.Equal(Place((int)block, 0), version);
        }

        Assert.Equal(known, met.Count(block => block < known));
    });

    [Fact]
    public async Task Readers_find_a_moved_block_at_its_old_or_its_new_place()
    {
        const int Moved = 5_000;
        const int Rounds = 100;
        var round = 0;
        for (var block = 0; block < Moved; block++)
            _index.Add(block, Place(block, 0));
        await RunAsync(
            () =>
            {
                for (var to = 1; to <= Rounds; to++)
                {
                    for (var block = 0; block < Moved; block++)
                        _index.Move(block, Place(block, to));
                    Volatile.Write(ref round, to);
                }
            },
            seed =>
            {
                var block = new Random(seed).Next(Moved);
                var before = Volatile.Read(ref round);
                Assert.True(_index.TryGet(block, out var version));
                var after = Volatile.Read(ref round) + 1;
                Assert.Contains(version, Enumerable.Range(before, after - before + 1).Select(to => Place(block, to)));
            });
    }

    private static PreservedVersion Place(int block, int round) =>
        new(PreservedKind.Data, (block + round) % 512, (long)(block ^ (round << 20)) << 12, (uint)block * 2_654_435_761);

    private static async Task RunAsync(Action write, Action<int> read)
    {
        var writer = Task.Run(write);
        var readers = Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            for (var seed = 100 * reader; !writer.IsCompleted; seed++)
                read(seed);
        }));
        await Task.WhenAll(readers.Append(writer));
        read(0);
    }

    private void AddAll()
    {
        for (var block = 0; block < Blocks; block++)
        {
            _index.Add(block, Place(block, 0));
            Volatile.Write(ref _added, block + 1);
        }
    }
}
