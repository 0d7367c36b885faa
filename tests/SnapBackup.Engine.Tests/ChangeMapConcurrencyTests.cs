using SnapBackup.Engine.Changes;

namespace SnapBackup.Engine.Tests;

/// <summary>One writer, readers without a lock. The loops end with the writer, however it ends.</summary>
public sealed class ChangeMapConcurrencyTests
{
    private const int Regions = 2_000_000;

    private readonly ChangeMap _map = new(Regions, 64);

    /// <summary>Regions below it are in the map.</summary>
    private int _added;

    [Fact]
    public async Task Readers_see_what_was_added_while_pages_come_and_fill()
    {
        var writer = Task.Run(AddAll);
        await Task.WhenAll(writer, ReadWhileAsync(writer, LookUp), ReadWhileAsync(writer, Enumerate));
        LookUp();
        Enumerate();
        Assert.Equal((0, Regions), Assert.Single(_map.Runs()));
        Assert.Equal(Regions, _map.Count);
    }

    private static Task ReadWhileAsync(Task writer, Action read) => Task.Run(() =>
    {
        while (!writer.IsCompleted)
            read();
    });

    private void AddAll()
    {
        for (var first = 0; first < Regions; first = Volatile.Read(ref _added))
        {
            // One by one within words and pages that readers look at, and now and then a range over several.
            var last = first % 1000 == 999 ? Math.Min(first + 1000, Regions - 1) : first;
            _map.AddRange(first, last);
            Volatile.Write(ref _added, last + 1);
        }
    }

    private void LookUp()
    {
        var known = Volatile.Read(ref _added);
        if (known == 0)
            return;
        Assert.True(_map.Contains(known - 1));
        Assert.True(_map.ContainsAll(Math.Max(0, known - 5000), known - 1));
        Assert.InRange(_map.Count, known, Regions);
    }

    private void Enumerate()
    {
        var known = Volatile.Read(ref _added);
        var end = -1L;
        var missing = (long)known;
        foreach (var (first, count) in _map.Runs())
        {
            Assert.True(first > end && count > 0);
            end = first + count;
            missing -= Math.Max(0, Math.Min(end, known) - first);
        }

        Assert.Equal(0, missing);
        var stored = new ChangeMap(Regions, 64);
        foreach (var (page, bits) in _map.Pages)
        {
            Assert.True(bits.Span.ContainsAnyExcept((byte)0));
            Assert.True(stored.TryUnionWithPage(page, bits.Span));
        }

        Assert.True(known == 0 || stored.ContainsAll(0, known - 1));
    }
}
